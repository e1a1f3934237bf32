import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { sha256 } from '../credentials.ts';
import { limitsFor, readInProcess } from './openapi-process.ts';
import { readOpenapi } from './openapi-reader.ts';

const at = 'https://docs.acme.example/v1/openapi.json';
/** The maximum size in these tests. */
const maxMib = 2;
/** For documents that are not refused because of time, in ms. */
const patience = { deadlineMs: 60_000 };
const small = JSON.stringify({ openapi: '3.1.0', info: { title: 'Acmé 😀' }, tags: [{ name: 'Zoö\n' }] });

test('a process may take more for larger documents', () => {
  expect(limitsFor(2)).toEqual({ deadlineMs: 5500, heapMb: 120, residentMb: 230 });
  expect(limitsFor(16)).toEqual({ deadlineMs: 9000, heapMb: 288, residentMb: 440 });
});

test('a process returns what the reader does, in UTF-8', async () => {
  const found = readOpenapi(small, at, maxMib);
  for (const text of [small, Buffer.from(small)]) {
    const { json, scopes, ...read } = await readInProcess(text, at, maxMib, patience);
    expect({ ...read, json: json.toString(), scopes: JSON.parse(scopes.toString()) }).toEqual({
      ...{ ...found, hash: sha256(found.json) },
    });
  }
});

test.each([
  ['is refused', small.replace('3.1.0', '4.0.0'), 'it is not an OpenAPI document'],
  [
    'is too deep',
    small.replace('{"title', `{"x":${'['.repeat(600)}${']'.repeat(600)},"title`),
    'it is nested too deeply',
  ],
  ['is no document', 'info: *nobody\n', 'it is not an OpenAPI document'],
  ['is empty', '', 'it is not an OpenAPI document'],
])('a process returns why a text %s', async (_, text, reason) => {
  await expect(readInProcess(text, at, maxMib, patience)).rejects.toMatchObject({ reason });
});

test('a document that takes too long ends its process', async () => {
  // For each alias the library searches everything before it: seconds, of which most are after the start of the process.
  const aliases = Array.from({ length: 150_000 }, (_, i) => `a${i}: &a${i} 1\nb${i}: *a${i}\n`).join('');
  const bomb = readInProcess(`openapi: 3.1.0\ninfo: {}\n${aliases}`, at, 16, { deadlineMs: 300 });
  await expect(bomb).rejects.toMatchObject({ reason: 'it takes too long to parse' });
});

/** A document of many values, within the limit of their number. */
const large = small.replace('{"title', `{"x":[${'{},'.repeat(100_000)}0],"title`);

test.each([
  // V8 rounds its limit up.
  ['its heap is full', { heapMb: 5 }],
  ['it has more resident memory than it may', { residentMb: 10 }],
])('a process ends if %s', async (_, limits) => {
  await expect(readInProcess(large, at, maxMib, { ...patience, ...limits })).rejects.toMatchObject({
    reason: 'it takes too much memory to parse',
  });
});

/** The processes that read documents for this one, with what Linux tells about them. */
async function readers(): Promise<{ environment: string; command: string; peakMb: number }[]> {
  const numbers = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const facts = numbers.map(async (number) => {
    const read = (name: string) => readFile(`/proc/${number}/${name}`, 'latin1').catch(() => '');
    const [status, command, environment] = await Promise.all([read('status'), read('cmdline'), read('environ')]);
    const isOurs = command.includes('openapi-process') && status.includes(`\nPPid:\t${process.pid}\n`);
    return isOurs ? [{ environment, command, peakMb: Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024 }] : [];
  });
  return (await Promise.all(facts)).flat();
}

test('the process has no environment, no arguments of the caller, and less memory than its limit', async () => {
  const seen: Awaited<ReturnType<typeof readers>> = [];
  // 2 MiB of the densest YAML. It took a gigabyte before the tokens were counted.
  const dense = `openapi: 3.1.0\ninfo: {}\nx:\n${'- [1]\n'.repeat(349_000)}`;
  const outcome = readInProcess(dense, at, maxMib, patience).then(
    () => 'read',
    ({ reason }) => reason,
  );
  const isOver = () => Promise.race([outcome, readers().then((found) => seen.push(...found) && undefined)]);
  while ((await isOver()) === undefined);
  expect(await outcome).toBe('it has too many values');
  expect(seen.length).toBeGreaterThan(0);
  expect(seen.filter(({ environment }) => environment !== '')).toEqual([]);
  expect(seen.filter(({ command }) => command.includes('acme'))).toEqual([]);
  expect(Math.max(...seen.map(({ peakMb }) => peakMb))).toBeLessThan(limitsFor(maxMib).residentMb);
});
