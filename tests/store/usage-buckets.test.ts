/** The buckets that a verification counts in, and how long they live. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { AuthenticatedSession } from '../../src/server/domain/sessions/sessions.ts';
import { verifyKey } from '../../src/server/domain/usage/usage.ts';
import { newWorkspace, openStore, type TestWorkspace } from '../support/store.ts';

const opened = await openStore();
const { store, hooks } = opened;
afterAll(opened.stop);
afterEach(() => {
  hooks.now = undefined;
});

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
/** The start of a day that is also the start of ten, in the future, so that no record expires during the test. */
const epoch = Math.ceil(Date.now() / (10 * day)) * 10 * day;

let workspace: TestWorkspace;
let apiId: string;
let session: AuthenticatedSession;
beforeAll(async () => {
  workspace = await newWorkspace(store);
  apiId = await workspace.newApi();
  session = await workspace.enter(await workspace.newPortal({ apiIds: [apiId] }), 'user');
});
const verify = (key: string, inApi?: string) =>
  verifyKey(store, workspace.rootKey, { key, ...(inApi !== undefined && { apiId: inApi }) });

let users = 0;
/** A key of a new user that is used at these times. */
async function usedAt(...times: number[]) {
  users += 1;
  const externalId = `user ${users}`;
  const own = await workspace.enter(session.grant.slug, externalId);
  const { key, keyId } = await workspace.newKey(own, apiId);
  for (const time of times) {
    hooks.now = time;
    await verify(key);
  }
  hooks.now = undefined;
  return { externalId, keyId };
}
const totals = async (
  owner: { externalId: string; keyId: string },
  resolution: 'minute' | 'quarterHour' | 'day',
  start: number,
  end: number,
) => {
  const { workspaceId } = workspace;
  const { keyId, externalId } = owner;
  const both = [
    { externalId, apiId, keyId },
    { externalId, apiId },
  ];
  const read = both.map(async (one) => [...(await store.usage.read(workspaceId, [one], resolution, { start, end }))]);
  const [ofKey, ofUser] = await Promise.all(read);
  expect(ofKey).toEqual(ofUser);
  return ofKey;
};

test.each([
  ['minute', minute, hour],
  ['quarterHour', hour / 4, day / 2],
  ['day', day, 10 * day],
] as const)('a %s begins with its first millisecond and ends before the next', async (resolution, bucket, stretch) => {
  const owner = await usedAt(epoch, epoch + bucket - 1, epoch + bucket, epoch + stretch - 1, epoch + stretch);
  const all = [
    [epoch, { VALID: 2 }],
    [epoch + bucket, { VALID: 1 }],
    [epoch + stretch - bucket, { VALID: 1 }],
    [epoch + stretch, { VALID: 1 }],
  ];
  expect(await totals(owner, resolution, epoch, epoch + 2 * stretch)).toEqual(all);
  // A window includes its start and excludes its end.
  expect(await totals(owner, resolution, epoch, epoch + bucket)).toEqual(all.slice(0, 1));
  expect(await totals(owner, resolution, epoch + 1, epoch + stretch)).toEqual(all.slice(1, 3));
  expect(await totals(owner, resolution, epoch + stretch, epoch + stretch + 1)).toEqual(all.slice(3));
  expect(await totals(owner, resolution, epoch - stretch, epoch)).toEqual([]);
});

test('everything lists each bucket of each owner', async () => {
  const { workspaceId, newApi, newPortal, enter, newKey, rootKey } = await newWorkspace(store);
  const api = await newApi();
  const own = await enter(await newPortal({ apiIds: [api] }), 'user: {1}');
  const { key, keyId } = await newKey(own, api);
  hooks.now = epoch + hour;
  await verifyKey(store, rootKey, { key });
  const rows: unknown[] = [];
  for await (const row of store.usage.everything(workspaceId)) rows.push({ ...row, buckets: [...row.buckets] });
  const starts = { minute: epoch + hour, quarterHour: epoch + hour, day: epoch };
  const owners = [
    { externalId: 'user: {1}', apiId: api, keyId },
    { externalId: 'user: {1}', apiId: api },
  ];
  const wanted = owners.flatMap((owner) =>
    Object.entries(starts).map(([resolution, time]) => ({ owner, resolution, buckets: [[time, { VALID: 1 }]] })),
  );
  expect(rows).toHaveLength(wanted.length);
  expect(rows).toEqual(expect.arrayContaining(wanted));
});
