/** The buckets that a verification counts in, and how long they live. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { AuthenticatedSession } from '../../src/server/domain/sessions/sessions.ts';
import { verifyKey } from '../../src/server/domain/usage/usage.ts';
import { newWorkspace, openStore, recordNames, type TestWorkspace } from '../support/store.ts';

const opened = await openStore();
const { store, hooks, redis } = opened;
afterAll(opened.stop);
afterEach(() => {
  hooks.now = undefined;
});

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
const retentionDays = 90;
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
  verifyKey(store, workspace.rootKey, { key, ...(inApi !== undefined && { apiId: inApi }) }, retentionDays);

/** A key that is used at these times. */
async function usedAt(...times: number[]) {
  const externalId = `user at ${times}`;
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
  const both = [{ keyId: owner.keyId }, { externalId: owner.externalId, apiId }];
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

test('minutes expire two days after their hour, the rest a long day after the retention, and a later call extends nothing', async () => {
  const { keyId, externalId } = await usedAt(epoch, epoch + minute, epoch + hour - 1);
  const user = Buffer.from(externalId).toString('base64url');
  const retained = retentionDays * day + 26 * hour;
  const expected = {
    [`m${epoch / hour}`]: epoch + hour + 2 * day,
    [`q${(2 * epoch) / day}`]: epoch + day / 2 + retained,
    [`d${epoch / day / 10}`]: epoch + 10 * day + retained,
  };
  const ends: Record<string, number> = {};
  for (const [prefix, stretches] of [
    [`usage:key:${keyId}:`, expected],
    [`usage:user:${user}:${apiId}:`, { ...expected, [`t${epoch / day}`]: epoch + day + retained }],
  ] as const)
    for (const [stretch, end] of Object.entries(stretches)) ends[prefix + stretch] = end;
  const names = (await recordNames(opened, workspace.workspaceId)).filter(
    (name) => name.includes(keyId) || name.includes(`:${user}:${apiId}:`),
  );
  const found = names.filter((name) => name.startsWith('usage:'));
  const times = found.map((name) => redis.pExpireTime(`portico:{${workspace.workspaceId}}:${name}`));
  expect(Object.fromEntries((await Promise.all(times)).map((time, i) => [found[i], time]))).toEqual(ends);
});

test('everything lists each bucket of each owner', async () => {
  const { workspaceId, newApi, newPortal, enter, newKey, rootKey } = await newWorkspace(store);
  const api = await newApi();
  const own = await enter(await newPortal({ apiIds: [api] }), 'user: {1}');
  const { key, keyId } = await newKey(own, api);
  hooks.now = epoch + hour;
  await verifyKey(store, rootKey, { key }, retentionDays);
  const rows: unknown[] = [];
  for await (const row of store.usage.everything(workspaceId)) rows.push({ ...row, buckets: [...row.buckets] });
  const starts = { minute: epoch + hour, quarterHour: epoch + hour, day: epoch };
  const owners = [{ keyId }, { externalId: 'user: {1}', apiId: api }];
  const wanted = owners.flatMap((owner) =>
    Object.entries(starts).map(([resolution, time]) => ({ owner, resolution, buckets: [[time, { VALID: 1 }]] })),
  );
  expect(rows).toHaveLength(wanted.length);
  expect(rows).toEqual(expect.arrayContaining(wanted));
});
