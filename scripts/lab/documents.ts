/**
 * `npx node scripts/lab/documents.ts` measures the memory and the time that reading an OpenAPI document takes, for ordinary and for
 * hostile documents, in the process that the server uses. Linux only. docs/evidence/documents.md has the results.
 */
import { readdir, readFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { limitsFor, readInProcess } from '../../src/server/domain/documents/openapi-process.ts';

/** The maximum size that the server fetches by default, in MiB and in bytes. */
const maxMib = 16;
const maxBytes = maxMib * 2 ** 20;
const start = 'openapi: 3.1.0\ninfo: { title: Acme }\n';
const json = (x: string) => `{"openapi":"3.1.0","info":{"title":"Acme"},"x":${x}}`;
/** As many units as fit after the start of a document. */
const filled = (unit: string, before = `${start}x:\n`) =>
  before + unit.repeat(Math.floor((maxBytes - before.length) / unit.length));
const numbered = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join('');

/** A document with this many paths, as people write it. */
const ordinary = (count: number) => ({
  openapi: '3.1.0',
  info: { title: 'Acme', version: '1.0.0' },
  paths: Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `/v1/things/${i}/{id}`,
      {
        get: {
          operationId: `getThing${i}`,
          summary: 'Get a thing',
          description: 'Returns one thing, with everything that belongs to it, as long as you may see it.',
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string', maxLength: 64 } }],
          responses: {
            200: { description: 'The thing.', content: { 'application/json': { schema: { type: 'object' } } } },
            404: { description: 'No such thing.' },
          },
        },
      },
    ]),
  ),
});

const documents: Record<string, string> = {
  'ordinary, 15 MB of YAML': stringify(ordinary(27_000)),
  'ordinary, 15 MB of JSON': JSON.stringify(ordinary(36_000)),
  'ordinary, 3 MB of YAML': stringify(ordinary(5_400)),
  'YAML, `- [1]` up to the size': filled('- [1]\n'),
  'YAML, `- [1]` up to the number of values': `${start}x:\n${'- [1]\n'.repeat(590_000)}`,
  'YAML, `- a` up to the number of values': `${start}x:\n${'- a\n'.repeat(1_190_000)}`,
  'YAML, a list of `{}` up to the number of values': `${start}x: [${'{},'.repeat(590_000)}1]\n`,
  'YAML, names and values': `${start}x:\n${numbered(1_000_000, (i) => `  k${i}: 1\n`)}`,
  'YAML, many values in a line': filled(`${'- '.repeat(400)}a\n`),
  'YAML, 400,000 anchors and aliases': start + numbered(400_000, (i) => `a${i}: &a${i} 1\nb${i}: *a${i}\n`),
  'YAML, 90 aliases of 300 kB': `${start}a: &a ${'x'.repeat(300_000)}\nb: [${Array(90).fill('*a').join()}]\n`,
  'YAML, merges of merges': `${start}m0: &m0 { ${numbered(300, (i) => `k${i}: 1, `)} }\n${numbered(2000, (i) => `m${i + 1}: &m${i + 1} { <<: *m${i}, a${i}: 1 }\n`)}`,
  'YAML, 200,000 levels': `${start}x: ${'['.repeat(200_000)}${']'.repeat(200_000)}\n`,
  'YAML, one name of 15 MB': `${start}${'a'.repeat(15_000_000)}: 1\n`,
  'YAML, eight million escapes': `${start}x: "${'\\0'.repeat(8_000_000)}"\n`,
  'YAML, comments': filled('# a\n', start),
  'JSON, `{}` up to the size': json(`[${'{},'.repeat(5_500_000)}0]`),
  'JSON, `{}` up to the number of values': json(`[${'{},'.repeat(590_000)}0]`),
  'JSON, numbers that stay as written': json(`[${'1.0,'.repeat(1_190_000)}0]`),
  'JSON, 1,100,000 names': json(`{${numbered(1_100_000, (i) => `"k${i}":0,`)}"k":0}`),
  'JSON, one text of 16 MB': json(`"${'x'.repeat(16_000_000)}"`),
  'JSON, one text of two-byte characters': json(`"${'\u0142'.repeat(8_000_000)}"`),
};

/** The highest resident memory of a child of this process so far, in MiB. */
async function peakOfChild(): Promise<number> {
  const numbers = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const states = numbers.map((number) => readFile(`/proc/${number}/status`, 'latin1').catch(() => ''));
  const own = (await Promise.all(states)).filter((state) => state.includes(`\nPPid:\t${process.pid}\n`));
  return Math.max(0, ...own.map((state) => Number(/VmHWM:\s+(\d+)/.exec(state)?.[1] ?? 0) / 1024));
}

console.log('| document | size | peak memory | time | result |\n|---|---|---|---|---|');
let highest = 0;
for (const [name, text] of Object.entries(documents)) {
  const begun = performance.now();
  let peak = 0;
  const state = { outcome: '' };
  const reading = readInProcess(text, 'https://acme.example/openapi.json', maxMib).then(
    () => 'shown',
    ({ reason }) => String(reason),
  );
  void reading.then((outcome) => Object.assign(state, { outcome }));
  while (state.outcome === '') peak = Math.max(peak, await peakOfChild());
  highest = Math.max(highest, peak);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  const size = `${(Buffer.byteLength(text) / 1e6).toFixed(1)} MB`;
  console.log(`| ${name} | ${size} | ${Math.round(peak)} MiB | ${seconds} s | ${state.outcome} |`);
}
const { residentMb } = limitsFor(maxMib);
console.log(`\nThe highest is ${Math.round(highest)} MiB; the limit is ${residentMb} MiB.`);
// The memory is checked every 20 ms, so it may be a little above the limit for a moment.
process.exitCode = highest > residentMb * 1.1 ? 1 : 0;
