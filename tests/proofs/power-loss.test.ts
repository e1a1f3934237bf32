/** The short form of `npm run prove -- power-loss`, and the faults that it must find. */

import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openAofOf, startFromCut } from '../../scripts/proofs/power-loss/aof.ts';
import type { Recording } from '../../scripts/proofs/power-loss/load.ts';
import { faultsIn } from '../../scripts/proofs/power-loss/restored.ts';
import { type Recorded, record, restartFromCuts } from '../../scripts/proofs/power-loss/run.ts';
import { syncsOf } from '../../scripts/proofs/power-loss/syscalls.ts';
import { randomOf } from '../support/random.ts';

const seed = 7;
let recorded: Recorded;
beforeAll(async () => {
  const clean = { users: 4, rounds: 3, logOut: false };
  recorded = await record(
    [
      { policy: 'always', load: clean },
      { policy: 'everysec', load: clean },
      { policy: 'no', load: clean },
      { policy: 'always', load: { users: 4, rounds: 3 } },
    ],
    { seed, preload: [join(import.meta.dirname, 'planted/early-end-session.ts')] },
  );
});
afterAll(() => recorded.stop());

const phaseOf = (index: number) => {
  const phase = recorded.phases[index];
  if (phase === undefined) throw new Error(`there is no phase ${index}`);
  return phase;
};

const nothing: Recording = { acknowledged: [], winners: new Map(), keys: new Map(), failures: [] };

test('appendfsync always: each response comes after its change is on the disk', () => {
  const { loss, recording } = phaseOf(0);
  expect(recording.failures).toEqual([]);
  expect(loss).toMatchObject({ missing: [], early: 0, most: 0 });
  expect([...recording.winners.values()].map((tokens) => tokens.length)).toEqual(Array.from({ length: 12 }, () => 1));
  expect(loss.operations).toBeGreaterThan(60);
});

test('appendfsync everysec: everything is in the file, and the loss is a number', () => {
  const { loss, recording } = phaseOf(1);
  expect(recording.failures).toEqual([]);
  expect(loss.missing).toEqual([]);
  expect(loss.early).toBeGreaterThan(0);
  expect(loss.most).toBeGreaterThan(0);
});

test.each([0, 1])('Redis starts from every cut of the file, with whole steps only: phase %i', async (index) => {
  const restarts = await restartFromCuts(recorded, phaseOf(index), 9, randomOf(seed));
  expect(restarts.faults).toEqual([]);
  expect(restarts.between).toBe(3);
  expect(restarts.inside).toBeGreaterThan(3);
});

/** What is wrong in a Redis that starts from another file than the recorded one, if it must have the `recording` before the `cut`. */
async function faultsOfFile(content: Buffer, recording: Recording, cut: number): Promise<string[]> {
  const { directory, tenant, units } = recorded;
  const copy = await mkdtemp(join(tmpdir(), 'portico-planted-'));
  try {
    await cp(join(directory, 'appendonlydir'), join(copy, 'appendonlydir'), { recursive: true });
    await writeFile(await openAofOf(copy), content);
    const redis = await startFromCut(copy, content.length);
    try {
      return await faultsIn(redis.url, tenant, recording, units, cut);
    } finally {
      await redis.stop();
    }
  } finally {
    await rm(copy, { recursive: true });
  }
}

test('planted: a Redis that writes the commands of a script one by one is found', async () => {
  const text = (words: string[]) =>
    `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
  // The first command that creates a session that is active, without the rest of its script.
  const isExchange = (words: string[]) => words[0] === 'SETRANGE' && words[1]?.includes(':session:');
  const before = recorded.units.flatMap(({ commands }) => commands);
  const written = before.slice(0, before.findIndex(isExchange) + 1);
  const faults = await faultsOfFile(Buffer.from(written.map(text).join('')), nothing, 0);
  expect(faults).toEqual([expect.stringMatching(/^sess_\w+ has no audit entry session.exchange$/)]);
});

test('planted: a Redis without one verification in the middle of its file is found', async () => {
  const { recording } = phaseOf(0);
  const deleted = recording.acknowledged.flatMap((what) => (what.kind === 'delete-key' ? [what.keyId] : []));
  const keyId = [...recording.keys.keys()].find((id) => !deleted.includes(id)) ?? '';
  const isOfKey = ([name = '', , field = '']: string[]) => /^hincrby$/i.test(name) && field.endsWith(` ${keyId} V`);
  const lost = recorded.units.find(({ commands }) => commands.some(isOfKey));
  const file = await readFile(await openAofOf(recorded.directory));
  const without = Buffer.concat([file.subarray(0, lost?.start), file.subarray(lost?.end)]);
  expect(await faultsOfFile(file, recording, file.length)).toEqual([]);
  expect(await faultsOfFile(without, recording, file.length)).toEqual([
    expect.stringMatching(`^the usage of ${keyId} is [0-9] instead of [0-9]$`),
  ]);
});

test('planted: a Redis that syncs never, where the operator believes in always, is found', () => {
  expect(phaseOf(2).loss.early).toBeGreaterThan(60);
});

test('planted: a server that responds before Redis has the change is found', () => {
  const { loss, recording } = phaseOf(3);
  const ended = recording.acknowledged.filter(({ kind }) => kind === 'end-session');
  expect(loss.early).toBeGreaterThan(0);
  expect(loss.early).toBeLessThanOrEqual(ended.length);
});

test('strace: what is written while a sync is under way is not part of it', () => {
  const trace = [
    '1 100.000000 write(9, ""..., 10) = 10 <0.000010>',
    '2 100.000020 fdatasync(9 <unfinished ...>',
    '1 100.000030 write(9, ""..., 5) = 5 <0.000010>',
    '2 100.000090 <... fdatasync resumed>) = 0 <0.000060>',
  ];
  const [sync, ...more] = syncsOf(trace.join('\n'), 100);
  expect(more).toEqual([]);
  expect(sync).toMatchObject({ durable: 110, written: 115 });
  expect(sync?.at).toBeCloseTo(100_000.08, 3);
});
