/** The list of the keys of a user with their use: in a period to the millisecond, from the log and from the records of days. */
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { createKey } from '../../src/server/domain/keys/keys.ts';
import { verifyKey } from '../../src/server/domain/usage/usage.ts';
import { keys } from '../../src/server/store/keys.ts';
import { newWorkspace, openStore, type TestWorkspace } from '../support/store.ts';

const opened = await openStore();
const { store, redis, hooks } = opened;
afterAll(opened.stop);
afterEach(() => {
  hooks.now = undefined;
});

const [minute, quarter, day] = [60_000, 900_000, 86_400_000];
const midnight = (Math.floor(Date.now() / day) + 1) * day;
let workspace: TestWorkspace;
let apiId: string;
let owner: { workspaceId: string; externalId: string };
beforeEach(async () => {
  workspace = await newWorkspace(store);
  apiId = await workspace.newApi();
  owner = { workspaceId: workspace.workspaceId, externalId: 'ada' };
});
const newKey = (externalId = 'ada') => createKey(store, workspace.rootKey, { apiId, externalId }, 1000);
async function verifyAt(key: string, time: number, many = 1) {
  hooks.now = time;
  for (let i = 0; i < many; i++) await verifyKey(store, workspace.rootKey, { key });
  hooks.now = undefined;
}
const sorted = (uses: Map<string, [number, number][]>) =>
  Object.fromEntries([...uses].map(([keyId, times]) => [keyId, times.toSorted(([a], [b]) => a - b)]));

const span = { start: midnight - quarter, end: midnight + 2 * quarter };
/** Two keys of the user, and one of another user, that are used before the period, in it and after it. */
async function usedKeys() {
  const [one, two, other] = [await newKey(), await newKey(), await newKey('bob')];
  await verifyAt(one.key, span.start - minute);
  await verifyAt(one.key, span.start, 2);
  await verifyAt(two.key, midnight - 1);
  await verifyAt(one.key, midnight, 3);
  await verifyAt(other.key, midnight);
  await verifyAt(one.key, span.end - 1);
  await verifyAt(two.key, span.end);
  return { one, two, named: [one, two].map(({ keyId }) => ({ apiId, keyId })) };
}

test('a list of keys has their uses of a period from its start to before its end, over midnight', async () => {
  const { one, two, named } = await usedKeys();
  const ofTwo = { [two.keyId]: [[midnight - minute, 1]] };
  const ofOne = [
    [span.start, 2],
    [midnight, 3],
    [span.end - minute, 1],
  ];
  const both = { [one.keyId]: ofOne, ...ofTwo };
  expect(sorted(await store.keyList.uses(owner, span, named))).toEqual(both);
  expect(sorted((await store.keyList.newest(owner, span, 2)).uses)).toEqual(both);
  expect(sorted(await store.keyList.uses(owner, span, named.slice(1)))).toEqual(ofTwo);
});

test('a list of keys has their uses by the quarter hour once they are in the records of days', async () => {
  const { one, two, named } = await usedKeys();
  hooks.now = midnight + 2 * day;
  await store.usage.rollUp(90, { workspaceId: owner.workspaceId });
  hooks.now = undefined;
  expect(await redis.hLen(keys.usageLog(owner))).toBe(0);
  const ofOne = [
    [span.start, 2],
    [midnight, 3],
    [midnight + quarter, 1],
  ];
  const both = { [one.keyId]: ofOne, [two.keyId]: [[span.start, 1]] };
  expect(sorted(await store.keyList.uses(owner, span, named))).toEqual(both);
  expect(sorted((await store.keyList.newest(owner, span, 2)).uses)).toEqual(both);
});

test.each([
  [999, 999, true],
  [1000, 1000, true],
  [1001, 1000, false],
])('a list of %i keys has the newest %i', async (many, found, isAll) => {
  const [oldest, newest] = [await newKey(), await newKey()];
  const [first] = await redis.zRange(keys.userKeyOrder(owner), 0, 0);
  const keyId = String(first).slice(14);
  // Many places of one record are as many keys for the list.
  await redis.zAdd(
    keys.userKeyOrder(owner),
    Array.from({ length: many - 2 }, (_, i) => ({ score: 0, value: `${9_000_000_000_000 + i}:${keyId}` })),
  );
  const { records, ...list } = await store.keyList.newest(owner, { start: midnight, end: midnight + quarter }, 0);
  expect([records.length, list.isAll, list.uses.size]).toEqual([found, isAll, 0]);
  expect([oldest.keyId, newest.keyId]).toContain(records[0]?.keyId);
});
