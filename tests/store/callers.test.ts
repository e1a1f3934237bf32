/** Two callers in one workspace: two root keys, two portals with one user, two users in one portal. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { once } from '../../src/server/domain/idempotency.ts';
import { usableApis } from '../../src/server/domain/keys/key-access.ts';
import { listKeys } from '../../src/server/domain/keys/key-list.ts';
import { createKey, deleteKey, rerollKey, updateKey } from '../../src/server/domain/keys/keys.ts';
import { deleteApi } from '../../src/server/domain/portals/apis.ts';
import type { AuthenticatedSession } from '../../src/server/domain/sessions/sessions.ts';
import { getVerifications, verifyKey } from '../../src/server/domain/usage/usage.ts';
import { allOnKeys, newWorkspace, openStore, recordNames, type TestWorkspace } from '../support/store.ts';

/** The scopes of these APIs come from no document. */
const noDocuments = async () => undefined;

const opened = await openStore();
const { store } = opened;
afterAll(opened.stop);

const notFound = { code: 'unkey/data/key_not_found' };
const noApi = { code: 'unkey/data/api_not_found' };
const forbidden = (permission: string) => ({
  code: 'unkey/authorization/insufficient_permissions',
  message: expect.stringContaining(permission),
});

let workspace: TestWorkspace;
let [apiA, apiB] = ['', ''];
/** One user in two portals, and another user in the first. */
let [inA, inB, other]: AuthenticatedSession[] = [];
/** The user's key in the API of the first portal. */
let key: { keyId: string; key: string };
beforeAll(async () => {
  workspace = await newWorkspace(store);
  [apiA, apiB] = [await workspace.newApi(), await workspace.newApi()];
  const [a, b] = [await workspace.newPortal({ apiIds: [apiA] }), await workspace.newPortal({ apiIds: [apiB] })];
  [inA, inB, other] = [
    await workspace.enter(a, 'user'),
    await workspace.enter(b, 'user'),
    await workspace.enter(a, 'other user'),
  ];
  key = await workspace.newKey(inA, apiA, { name: 'Key of A' });
  await verifyKey(store, workspace.rootKey, { key: key.key });
});
const last = () => ({ startTime: Date.now() - 3_600_000, endTime: Date.now() + 60_000 });
const usage = (session: AuthenticatedSession, keyId?: string) =>
  getVerifications(store, session, { ...last(), ...(keyId !== undefined && { keyId }) }, 90);

/** Every call that names a key or an API, by a session that must not see the key of `inA`. */
const attempts = (session: AuthenticatedSession) => ({
  updateKey: () => updateKey(store, session, key.keyId, { enabled: false }, 1000),
  rerollKey: () => rerollKey(store, session, { keyId: key.keyId, overlap: 0 }),
  deleteKey: () => deleteKey(store, session, key.keyId),
  getVerifications: () => usage(session, key.keyId),
});

describe.each([
  ["another portal's session of the same user", () => inB as AuthenticatedSession],
  ["the same portal's session of another user", () => other as AuthenticatedSession],
])('%s', (_, session) => {
  test.each(['updateKey', 'rerollKey', 'deleteKey', 'getVerifications'] as const)(
    'does not find a key: %s',
    async (call) => {
      await expect(attempts(session())[call]()).rejects.toMatchObject(notFound);
      expect((await listKeys(store, inA as AuthenticatedSession, {})).keys).toMatchObject([
        { keyId: key.keyId, enabled: true, name: 'Key of A' },
      ]);
    },
  );

  test('neither lists it nor counts its use', async () => {
    const counts = { all: 0, active: 0, expiring: 0, inactive: 0 };
    expect(await listKeys(store, session(), {})).toEqual({ keys: [], pagination: { hasMore: false, counts } });
    expect(await usage(session())).toMatchObject({ totals: { total: 0 }, topKeys: [] });
    const own = await usage(inA as AuthenticatedSession, key.keyId);
    expect(own).toMatchObject({
      totals: { total: 1, valid: 1 },
      topKeys: [{ keyId: key.keyId, apiId: apiA, total: 1 }],
    });
  });
});

test('an API of another portal is not found, even with the permission on it', async () => {
  const session = inB as AuthenticatedSession;
  await expect(createKey(store, session, { apiId: apiA }, 10)).rejects.toMatchObject(noApi);
  await expect(listKeys(store, session, { apiId: apiA })).rejects.toMatchObject(noApi);
  expect((await usableApis(store, session, noDocuments)).map(({ apiId }) => apiId)).toEqual([apiB]);
});

describe('a session with permissions on one of two APIs', () => {
  const actions = allOnKeys.map((tuple) => String(tuple.split('.')[2]));
  let slug: string;
  beforeAll(async () => {
    slug = await workspace.newPortal({ apiIds: [apiA, apiB] });
  });
  const enter = (...permissions: string[]) => workspace.enter(slug, 'user', permissions);

  test.each([
    ['create_key', (of: AuthenticatedSession) => createKey(store, of, { apiId: apiA }, 10)],
    ['update_key', (of: AuthenticatedSession) => updateKey(store, of, key.keyId, { name: 'X' }, 1000)],
    ['create_key', (of: AuthenticatedSession) => rerollKey(store, of, { keyId: key.keyId, overlap: 0 })],
    ['delete_key', (of: AuthenticatedSession) => deleteKey(store, of, key.keyId)],
    ['read_key', (of: AuthenticatedSession) => listKeys(store, of, { apiId: apiA })],
    ['read_analytics', (of: AuthenticatedSession) => usage(of, key.keyId)],
  ])('needs %s on the API of the call', async (action, call) => {
    const others = actions.filter((one) => one !== action).map((one) => `api.${apiA}.${one}`);
    const session = await enter(...others, `api.${apiB}.${action}`);
    await expect(call(session)).rejects.toMatchObject(forbidden(`api.${apiA}.${action}`));
  });

  test('lists the keys and the usage of that one', async () => {
    const ofB = await workspace.newKey(inB as AuthenticatedSession, apiB, { name: 'Key of B' });
    const session = await enter(`api.${apiB}.read_key`, `api.${apiB}.read_analytics`);
    expect((await listKeys(store, session, {})).keys).toMatchObject([{ name: 'Key of B' }]);
    expect((await usage(session)).totals.total).toBe(0);
    expect(await usableApis(store, session, noDocuments)).toMatchObject([
      { apiId: apiB, actions: ['read_key', 'read_analytics'] },
    ]);
    const both = await enter('api.*.read_key', 'api.*.read_analytics');
    expect((await listKeys(store, both, {})).keys).toHaveLength(2);
    expect((await listKeys(store, both, { apiId: apiA })).keys).toMatchObject([{ name: 'Key of A' }]);
    expect((await usage(both)).totals.total).toBe(1);
    await deleteKey(store, inB as AuthenticatedSession, ofB.keyId);
  });

  test('with permissions on neither, the missing one is named', async () => {
    const session = await enter(`api.${apiB}.create_key`);
    await expect(listKeys(store, session, {})).rejects.toMatchObject(forbidden('api.*.read_key'));
    await expect(usage(session)).rejects.toMatchObject(forbidden('api.*.read_analytics'));
  });

  test('in a portal without APIs, a permission on every API is enough for an empty list', async () => {
    const bare = await workspace.newPortal();
    const all = await workspace.enter(bare, 'user', ['api.*.read_key', 'api.*.read_analytics']);
    expect((await listKeys(store, all, {})).keys).toEqual([]);
    expect((await usage(all)).totals.total).toBe(0);
    const one = await workspace.enter(bare, 'user', [`api.${apiA}.read_key`]);
    await expect(listKeys(store, one, {})).rejects.toMatchObject(forbidden('api.*.read_key'));
  });

  test('an API that was deleted is left out', async () => {
    const [gone, kept] = [await workspace.newApi(), await workspace.newApi()];
    const own = await workspace.newPortal({ apiIds: [gone, kept] });
    const session = await workspace.enter(own, 'user');
    await workspace.newKey(session, gone);
    await deleteApi(store, workspace.workspaceId, gone, commandLine);
    expect((await listKeys(store, session, {})).keys).toEqual([]);
    expect((await usableApis(store, session, noDocuments)).map(({ apiId }) => apiId)).toEqual([kept]);
    await expect(listKeys(store, session, { apiId: gone })).rejects.toMatchObject(noApi);
    await expect(createKey(store, session, { apiId: gone }, 10)).rejects.toMatchObject(noApi);
  });
});

describe('the filters of a list of keys', () => {
  test('each leaves out the others, and a cursor is of one filter, portal and user', async () => {
    const [one, two] = [await workspace.newApi(), await workspace.newApi()];
    const slug = await workspace.newPortal({ apiIds: [one, two] });
    const [session, another] = [await workspace.enter(slug, 'filters'), await workspace.enter(slug, 'filters 2')];
    await workspace.newKey(session, one, { name: 'Alpha' });
    await workspace.newKey(session, one, { name: 'beta', enabled: false });
    await workspace.newKey(session, two, {});
    const namesOf = async (query: Parameters<typeof listKeys>[2]) =>
      (await listKeys(store, session, query)).keys.map(({ name }) => name ?? '').sort();
    expect(await namesOf({})).toEqual(['', 'Alpha', 'beta']);
    expect(await namesOf({ enabled: true })).toEqual(['', 'Alpha']);
    expect(await namesOf({ enabled: false })).toEqual(['beta']);
    expect(await namesOf({ search: 'ALPH' })).toEqual(['Alpha']);
    expect(await namesOf({ search: 'a' })).toEqual(['Alpha', 'beta']);
    expect(await namesOf({ apiId: two })).toEqual(['']);
    const { cursor } = (await listKeys(store, session, { limit: 1 })).pagination;
    expect((await listKeys(store, session, { limit: 5, cursor: String(cursor) })).keys).toHaveLength(2);
    for (const filter of [{ enabled: true }, { search: 'a' }, { apiId: one }]) {
      await expect(listKeys(store, session, { ...filter, cursor: String(cursor) })).rejects.toThrow();
    }
    await expect(listKeys(store, another, { cursor: String(cursor) })).rejects.toThrow();
    const elsewhere = await workspace.enter(await workspace.newPortal({ apiIds: [one, two] }), 'filters');
    await expect(listKeys(store, elsewhere, { cursor: String(cursor) })).rejects.toThrow();
  });
});

describe('an Idempotency-Key', () => {
  const repeat = (
    caller: { rootKey: TestWorkspace['rootKey']; secret: string },
    work: () => Promise<number>,
    more: object = {},
  ) => {
    const request = { operationId: 'apis.createApi', requestId: 'req_1', key: 'the same key', body: { name: 'x' } };
    return once(store, caller.rootKey, { ...request, credential: caller.secret, ...more }, work);
  };
  const counted = () => {
    let runs = 0;
    return async () => ++runs;
  };

  test('of one root key is not that of another, of another operation or another key', async () => {
    const work = counted();
    const own = await newWorkspace(store);
    const second = await own.newRootKey();
    expect(await repeat(own, work)).toBe(1);
    expect(await repeat(second, work)).toBe(2);
    expect(await repeat(own, work, { operationId: 'portal.createSession' })).toBe(3);
    expect(await repeat(own, work, { key: 'another key' })).toBe(4);
    expect(await repeat(own, work)).toBe(1);
    expect(await repeat(second, work)).toBe(2);
    const records = (await recordNames(opened, own.workspaceId)).filter((name) => name.startsWith('idempotency:'));
    expect(records).toHaveLength(4);
    expect(records.filter((name) => name.includes(second.rootKey.rootKeyId))).toHaveLength(1);
  });
});
