/** The short form of `npm run prove -- restore`, and a fence that forgets something. */
import { afterAll, expect, test } from '@jest/globals';
import { openRestores } from '../../scripts/proofs/restore/restore.ts';
import { randomOf } from '../support/random.ts';
import { all, changes, ofSessions } from '../support/restore/past.ts';

const restores = await openRestores();
/** It says that it has deleted a key. */
const forgetful = await openRestores((store) => ({
  ...store,
  apiKeys: { ...store.apiKeys, delete: async () => 'ok' },
}));
afterAll(async () => {
  await restores.stop();
  await forgetful.stop();
});

test('the changes are all that a restore revives, except for what every fence ends', () => {
  const names = changes.flatMap(({ revives }) => revives);
  expect([...new Set([...ofSessions, ...names])].toSorted()).toEqual(all.toSorted());
});

test('after any changes and kills, the fence ends what had ended, and nothing else', async () => {
  const random = randomOf(7);
  const rounds = [await restores.round(random), await restores.round(random)];
  expect(rounds.flatMap(({ faults }) => faults)).toEqual([]);
  expect(new Set(rounds.map(({ made }) => made.join())).size).toBe(2);
  expect(rounds.reduce((sum, { kills }) => sum + kills, 0)).toBeGreaterThan(1);
});

test('planted fault: a fence that forgets a deleted key is found', async () => {
  const random = randomOf(7);
  const played: Awaited<ReturnType<typeof forgetful.round>>[] = [];
  while (!played.some(({ made }) => made.includes('a key deleted'))) played.push(await forgetful.round(random));
  const isFound = (fault: string) => fault.endsWith(': a key deleted is revived, and nothing is lost');
  const counts = played.map(({ faults }) => [faults.length, faults.filter(isFound).length]);
  expect(counts).toEqual(played.map(({ made }) => (made.includes('a key deleted') ? [2, 2] : [0, 0])));
});
