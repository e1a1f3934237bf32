/** Verifications that an API reports from its cache: each position of a report is counted once, also after any failure. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { listKeys } from '../../src/server/domain/keys/key-list.ts';
import { deleteKey } from '../../src/server/domain/keys/keys.ts';
import { deleteApi } from '../../src/server/domain/portals/apis.ts';
import type { AuthenticatedSession } from '../../src/server/domain/sessions/sessions.ts';
import { reportVerifications } from '../../src/server/domain/usage/reports.ts';
import { getVerifications, verifyKey } from '../../src/server/domain/usage/usage.ts';
import { authenticateRootKey, createRootKey } from '../../src/server/domain/workspaces/root-keys.ts';
import { keys } from '../../src/server/store/keys.ts';
import { noRateLimits } from '../../src/server/store/rate-limits.ts';
import { contentsOf, newWorkspace, openStore, recordNames, type TestWorkspace } from '../support/store.ts';

const opened = await openStore();
const { store, redis, hooks } = opened;
const limited = await openStore({ rateLimits: { ...noRateLimits, rootKey: 5 } });
afterAll(() => Promise.all([opened.stop(), limited.stop()]));
afterEach(() => {
  hooks.now = undefined;
});

let workspace: TestWorkspace;
let apiId: string;
let session: AuthenticatedSession;
beforeAll(async () => {
  workspace = await newWorkspace(store);
  apiId = await workspace.newApi();
  session = await workspace.enter(await workspace.newPortal({ apiIds: [apiId] }), 'user');
});
const report = (verifications: { key: string; count: number }[], name = randomUUID(), on = store) =>
  reportVerifications(on, workspace.rootKey, name, verifications);
const countsOf = async (keyId: string, of = session) => {
  const window = { startTime: Date.now() - 3_600_000, endTime: Date.now() + 120_000 };
  return (await getVerifications(store, of, { ...window, keyId }, 90)).totals;
};
const totalOf = async (keyId: string) => (await countsOf(keyId)).total;

test('a number of reported verifications is stored as the same number of verifications', async () => {
  const at = Date.now();
  hooks.now = at;
  const [verified, reported] = [await workspace.newKey(session, apiId), await workspace.newKey(session, apiId)];
  for (const _ of [1, 2, 3]) await verifyKey(store, workspace.rootKey, { key: verified.key });
  await report([{ key: reported.key, count: 2 }]);
  await report([{ key: reported.key, count: 1 }]);
  const stored = await contentsOf(opened, workspace.workspaceId);
  const usageOf = (keyId: string) =>
    Object.fromEntries(
      Object.entries(stored).flatMap(([name, value]) =>
        name.startsWith('usage') && name.includes(keyId) ? [[name.replace(keyId, ''), value]] : [],
      ),
    );
  expect(usageOf(reported.keyId)).toEqual(usageOf(verified.keyId));
  expect(await countsOf(reported.keyId)).toMatchObject({ total: 3, valid: 3 });
  const { keys: listed } = await listKeys(store, session, {});
  expect(listed.find(({ keyId }) => keyId === reported.keyId)?.lastUsedAt).toBe(at);
});

test('a large number stays exact when its minute is moved from the log to its day', async () => {
  const { key, keyId } = await workspace.newKey(session, apiId);
  await report([
    { key, count: 1_000_000 },
    { key, count: 999_999 },
  ]);
  hooks.now = Date.now() + 3_600_000;
  await store.usage.rollUp(90, { workspaceId: workspace.workspaceId });
  const names = await recordNames(opened, workspace.workspaceId);
  expect(names.filter((name) => name.startsWith('usage-log'))).toEqual([]);
  expect(await totalOf(keyId)).toBe(1_999_999);
});

describe('a report', () => {
  test('is counted once, however often and in parallel it arrives', async () => {
    const { key, keyId } = await workspace.newKey(session, apiId);
    const verifications = [
      { key, count: 3 },
      { key, count: 40 },
    ];
    const name = randomUUID();
    await Promise.all([report(verifications, name), report(verifications, name)]);
    await report(verifications, name);
    expect(await totalOf(keyId)).toBe(43);
  });

  test('that failed half way is counted exactly when it is repeated', async () => {
    const made = await Promise.all([1, 2, 3].map(() => workspace.newKey(session, apiId)));
    const verifications = made.map(({ key }, i) => ({ key, count: i + 1 }));
    // The first is counted, the response of the second is lost, and the third never reaches Redis.
    const lost = new Error('lost');
    const broken = {
      ...store,
      usage: {
        ...store.usage,
        async report(...[rootKey, use]: Parameters<typeof store.usage.report>) {
          const added = use.position < 2 ? await store.usage.report(rootKey, use) : 0;
          if (use.position > 0) throw lost;
          return added;
        },
      },
    };
    const name = randomUUID();
    await expect(report(verifications, name, broken)).rejects.toBe(lost);
    await report(verifications, name);
    expect(await Promise.all(made.map(({ keyId }) => totalOf(keyId)))).toEqual([1, 2, 3]);
  });

  test('with another key, with another body or of another root key is another one', async () => {
    const { key, keyId } = await workspace.newKey(session, apiId);
    const name = randomUUID();
    await report([{ key, count: 1 }], name);
    await report([{ key, count: 10 }], name);
    await report([{ key, count: 1 }], randomUUID());
    const other = await createRootKey(store, { workspaceId: workspace.workspaceId }, commandLine);
    const rootKey = await authenticateRootKey(store, other.rootKey);
    await reportVerifications(store, rootKey, name, [{ key, count: 1 }]);
    expect(await totalOf(keyId)).toBe(13);
  });

  test('counts what the caller has accepted, whatever has become of the key', async () => {
    const ratelimit = { limit: 1, duration: 600_000 };
    const off = await workspace.newKey(session, apiId, { enabled: false });
    const slow = await workspace.newKey(session, apiId, { ratelimit });
    await report([off, slow].map(({ key }) => ({ key, count: 2 })));
    expect(await countsOf(off.keyId)).toMatchObject({ total: 2, valid: 2 });
    expect(await countsOf(slow.keyId)).toMatchObject({ total: 2, valid: 2 });
    // It does not use up the limit of the key.
    expect(await verifyKey(store, workspace.rootKey, { key: slow.key })).toMatchObject({ code: 'VALID' });
  });

  test('ignores keys that do not exist, were deleted, or belong to another workspace', async () => {
    const ofApi = await workspace.newApi();
    const own = await workspace.enter(await workspace.newPortal({ apiIds: [ofApi] }), 'other');
    const [deleted, ofDeletedApi] = [await workspace.newKey(own, ofApi), await workspace.newKey(own, ofApi)];
    const { key, keyId } = await workspace.newKey(session, apiId);
    await deleteKey(store, own, deleted.keyId);
    await deleteApi(store, workspace.workspaceId, ofApi, commandLine);
    const before = await contentsOf(opened, workspace.workspaceId);
    await report([deleted.key, ofDeletedApi.key, 'unknown'].map((one) => ({ key: one, count: 1 })));
    const stranger = await newWorkspace(store);
    await reportVerifications(store, stranger.rootKey, randomUUID(), [{ key, count: 1 }]);
    expect(await contentsOf(opened, workspace.workspaceId)).toEqual(before);
    expect(await totalOf(keyId)).toBe(0);
  });

  test('costs one call for each item, and counts nothing over the limit', async () => {
    const { key, keyId } = await workspace.newKey(session, apiId);
    const { rootKey, rootKeyId } = await createRootKey(store, { workspaceId: workspace.workspaceId }, commandLine);
    const caller = () => authenticateRootKey(limited.store, rootKey);
    const verified = await caller();
    const items = (count: number) => Array.from({ length: count }, () => ({ key, count: 1 }));
    await reportVerifications(limited.store, verified, randomUUID(), items(3));
    expect(await redis.hGet(keys.rootKeyCalls(workspace.workspaceId, verified.hash), 'counted')).toBe('3');
    expect(verified.rootKeyId).toBe(rootKeyId);
    await expect(reportVerifications(limited.store, await caller(), randomUUID(), items(3))).rejects.toMatchObject({
      code: 'user/too_many_requests/rate_limited',
      retryAfterMs: expect.any(Number),
    });
    expect(await totalOf(keyId)).toBe(3);
  });
});
