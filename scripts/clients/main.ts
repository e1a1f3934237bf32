/**
 * `npm run clients` generates a client of openapi.yaml in each language, compiles it, and runs it against the real server, or
 * with `--judge` against the server of the judge.
 * Exit code: 0 every language reached its level, 1 one did not, 2 wrong options.
 */
import { Command } from 'commander';
import { buildIfStale } from '../freshness/if-stale.ts';
import { notProvoked, provoked } from './expected.ts';
import { judgeOwnClient, judgePrograms, storeResults } from './judge.ts';
import { languages } from './languages.ts';
import { hasPassed, type Proof, prove, type RunPrograms } from './prove.ts';
import { runPrograms } from './run-programs.ts';
import { setStage } from './stage.ts';

const collect = (value: string, before: string[] = []) => [...before, value];

const program = new Command('clients')
  .description('Generates a client of openapi.yaml in each language, compiles it, and runs it against the real server.')
  .option('--lang <id>', `only this language; repeat for more: ${languages.map(({ id }) => id).join(', ')}`, collect)
  .option('--minutes <n>', 'time limit per language, including the installation of its tools', '15')
  .option(
    '--judge',
    'judge the clients, and @portico/client, as docs/evidence/clients.md describes, and write its table',
  )
  .addHelpText('after', '\nClients are written to dist/clients, generators and toolchains to .cache/clients.')
  .parse();
const { lang, minutes, judge } = program.opts<{ lang?: string[]; minutes: string; judge?: true }>();

const unknown = (lang ?? []).filter((id) => !languages.some((language) => language.id === id));
if (unknown.length > 0) {
  console.error(`unknown language ${unknown.join(', ')}; available: ${languages.map(({ id }) => id).join(', ')}`);
  process.exit(2);
}

function report({ language, reached, seconds, fault }: Proof, passed: boolean): string {
  const times = Object.entries(seconds).map(([step, taken]) => `${step} ${taken} s`);
  const { id, generator, version } = language;
  const line = `${passed ? 'ok    ' : 'FAILED'} ${id}: ${generator} ${version}, ${reached ?? 'not generated'} (${times.join(', ')})`;
  return fault === undefined ? line : `${line}\n${fault.replaceAll(/^/gm, '    ')}`;
}

const chosen = languages.filter(({ id, start }) => (lang?.includes(id) ?? true) && (!judge || start !== undefined));
const proofs: Proof[] = [];

async function proveAll(run: RunPrograms): Promise<void> {
  for (const language of chosen) {
    const proof = await prove(language, Number(minutes), run);
    proofs.push(proof);
    console.log(report(proof, hasPassed(proof)));
  }
}

/** Runs the programs against the real server. */
async function proveWithServers(): Promise<void> {
  await buildIfStale();
  const stage = await setStage();
  try {
    await proveAll((language, bench) => runPrograms(language, bench, stage));
  } finally {
    await stage.stop();
  }
  if (!proofs.some(({ reached }) => reached === 'run')) return;
  const others = Object.entries(notProvoked);
  console.log(
    `${provoked.length} of ${provoked.length + others.length} errors of the catalogue are tested; the others:`,
  );
  for (const [code, why] of others) console.log(`  ${code}: ${why}`);
}

/** Judges the clients, and stores the results of each at once: a run that is cut has written those before it. */
async function judgeAll(): Promise<void> {
  await storeResults(await judgeOwnClient());
  await proveAll(async (language, bench) => storeResults(await judgePrograms(language, bench)));
}

await (judge ? judgeAll() : proveWithServers());
const failed = proofs.filter((proof) => !hasPassed(proof)).length;
const counted = (level: string) => `${proofs.filter(({ reached }) => reached === level).length} ${level}`;
console.log(`${counted('run')}, ${counted('compiled')}, ${counted('generated')} alone, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
