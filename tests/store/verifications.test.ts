/** The decision on a key: the order of the reasons, and the window of a rate limit. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { listKeys } from '../../src/server/domain/keys/key-list.ts';
import { deleteKey, updateKey } from '../../src/server/domain/keys/keys.ts';
import { deleteApi } from '../../src/server/domain/portals/apis.ts';
import type { AuthenticatedSession } from '../../src/server/domain/sessions/sessions.ts';
import { verifyKey, verifyKeys } from '../../src/server/domain/usage/usage.ts';
import { newWorkspace, openStore, recordNames, type TestWorkspace } from '../support/store.ts';

const opened = await openStore();
const { store, hooks } = opened;
afterAll(opened.stop);
afterEach(() => {
  hooks.now = undefined;
});

const [hour, day] = [3_600_000, 86_400_000];
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
const codeOf = async (key: string) => (await verify(key)).code;

describe('the decision', () => {
  test('a key is expired from the millisecond in which it expires', async () => {
    const { key } = await workspace.newKey(session, apiId, { expires: epoch });
    hooks.now = epoch - 1;
    expect(await verify(key)).toMatchObject({ valid: true, code: 'VALID', expires: epoch });
    hooks.now = epoch;
    expect(await verify(key)).toMatchObject({ valid: false, code: 'EXPIRED' });
  });

  test('a disabled key is DISABLED, also if it has expired and is over its limit', async () => {
    const ratelimit = { limit: 1, duration: hour };
    const { key, keyId } = await workspace.newKey(session, apiId, { expires: epoch, ratelimit });
    expect([await codeOf(key), await codeOf(key)]).toEqual(['VALID', 'RATE_LIMITED']);
    hooks.now = epoch;
    expect(await verify(key)).not.toHaveProperty('ratelimit');
    await updateKey(store, session, keyId, { enabled: false }, 1000);
    const disabled = await verify(key);
    expect(disabled).toMatchObject({ valid: false, code: 'DISABLED' });
    expect(disabled).not.toHaveProperty('ratelimit');
  });

  test('a key is found in its own API only, and not after the API or the key is deleted', async () => {
    const ofApi = await workspace.newApi();
    const own = await workspace.enter(await workspace.newPortal({ apiIds: [ofApi] }), 'user');
    const { key } = await workspace.newKey(own, ofApi);
    const removed = await workspace.newKey(own, ofApi);
    expect((await verify(key, ofApi)).code).toBe('VALID');
    expect(await verify(key, apiId)).toEqual({ valid: false, code: 'NOT_FOUND' });
    await deleteKey(store, own, removed.keyId);
    expect(await codeOf(removed.key)).toBe('NOT_FOUND');
    await deleteApi(store, workspace.workspaceId, ofApi, commandLine);
    expect(await codeOf(key)).toBe('NOT_FOUND');
  });

  test("another workspace's root key does not find it, and its calls are not counted", async () => {
    const { key, keyId } = await workspace.newKey(session, apiId);
    const { rootKey } = await newWorkspace(store);
    expect(await verifyKey(store, rootKey, { key })).toEqual({ valid: false, code: 'NOT_FOUND' });
    expect((await recordNames(opened, workspace.workspaceId)).filter((name) => name.includes(keyId))).toEqual([
      `key-id:${keyId}`,
    ]);
  });

  test('every decision on a key that exists is its last use', async () => {
    const settings = { expires: epoch, ratelimit: { limit: 1, duration: hour } };
    const { key, keyId } = await workspace.newKey(session, apiId, settings);
    const lastUse = async () =>
      (await listKeys(store, session, {})).keys.find((one) => one.keyId === keyId)?.lastUsedAt;
    expect(await lastUse()).toBeUndefined();
    for (const [now, code] of [
      [epoch - 3, 'VALID'],
      [epoch - 2, 'RATE_LIMITED'],
      [epoch, 'EXPIRED'],
    ] as const) {
      hooks.now = now;
      expect([await codeOf(key), await lastUse()]).toEqual([code, now]);
    }
  });
});

describe('several keys', () => {
  test('are decided in their order, each as it would be alone', async () => {
    const ratelimit = { limit: 2, duration: hour };
    const limited = await workspace.newKey(session, apiId, { ratelimit });
    const disabled = await workspace.newKey(session, apiId, { enabled: false, meta: { a: 1 } });
    const other = { key: disabled.key, apiId: await workspace.newApi() };
    const asked = [limited, { key: 'unknown' }, limited, disabled, other, limited].map(({ key, ...rest }) => ({
      key,
      ...('apiId' in rest && { apiId: rest.apiId }),
    }));
    const found = await verifyKeys(store, workspace.rootKey, asked);
    expect(found).toMatchObject([
      { valid: true, code: 'VALID', keyId: limited.keyId, ratelimit: { remaining: 1 } },
      { valid: false, code: 'NOT_FOUND' },
      { valid: true, code: 'VALID', ratelimit: { remaining: 0 } },
      { valid: false, code: 'DISABLED', keyId: disabled.keyId, meta: { a: 1 } },
      { valid: false, code: 'NOT_FOUND' },
      { valid: false, code: 'RATE_LIMITED', keyId: limited.keyId },
    ]);
    expect(found[3]).toEqual(await verify(disabled.key));
  });

  test('of another workspace are not found', async () => {
    const { key } = await workspace.newKey(session, apiId);
    const { rootKey } = await newWorkspace(store);
    const notFound = { valid: false, code: 'NOT_FOUND' };
    expect(await verifyKeys(store, rootKey, [{ key }, { key, apiId }])).toEqual([notFound, notFound]);
  });
});

describe('the window of a rate limit', () => {
  test('lets exactly as many through as the limit, and names what is left and its end', async () => {
    const ratelimit = { limit: 2, duration: 50_000 };
    const { key } = await workspace.newKey(session, apiId, { ratelimit });
    const begun = Date.now();
    const found = [await verify(key), await verify(key), await verify(key), await verify(key)];
    expect(found.map(({ code }) => code)).toEqual(['VALID', 'VALID', 'RATE_LIMITED', 'RATE_LIMITED']);
    expect(found.map((one) => one.ratelimit?.remaining)).toEqual([1, 0, 0, 0]);
    // The window begins with its first call, and later calls do not move its end.
    expect(new Set(found.map((one) => one.ratelimit?.reset)).size).toBe(1);
    expect(found[0]?.ratelimit).toMatchObject(ratelimit);
    expect(Number(found[0]?.ratelimit?.reset) - begun).toBeGreaterThanOrEqual(50_000 - 1);
    expect(Number(found[0]?.ratelimit?.reset)).toBeLessThanOrEqual(Date.now() + 50_000 + 1);
  });

  test('begins again with a new limit, but not with another change', async () => {
    const { key, keyId } = await workspace.newKey(session, apiId, { ratelimit: { limit: 1, duration: hour } });
    expect([await codeOf(key), await codeOf(key)]).toEqual(['VALID', 'RATE_LIMITED']);
    await updateKey(store, session, keyId, { name: 'Named', ratelimit: { limit: 1, duration: hour } }, 1000);
    expect(await codeOf(key)).toBe('RATE_LIMITED');
    // The same limit with its fields in another order.
    await updateKey(store, session, keyId, { ratelimit: { duration: hour, limit: 1 } }, 1000);
    expect(await codeOf(key)).toBe('RATE_LIMITED');
    await updateKey(store, session, keyId, { ratelimit: { limit: 2, duration: hour } }, 1000);
    expect(await verify(key)).toMatchObject({ code: 'VALID', ratelimit: { remaining: 1 } });
    await updateKey(store, session, keyId, { ratelimit: { limit: 2, duration: hour + 1 } }, 1000);
    expect(await verify(key)).toMatchObject({ code: 'VALID', ratelimit: { remaining: 1 } });
    await updateKey(store, session, keyId, { ratelimit: null }, 1000);
    expect([await codeOf(key), await codeOf(key), await codeOf(key)]).toEqual(['VALID', 'VALID', 'VALID']);
  });
});
