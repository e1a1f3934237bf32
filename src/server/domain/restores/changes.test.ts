import { afterAll, expect, jest, test } from '@jest/globals';
import { Problem } from '../../problem.ts';
import type { Store } from '../../store/index.ts';
import type { WorkspaceOperator } from '../../store/proof.ts';
import { graceMs } from '../../store/scripts/keys.ts';
import { disableKey, replayers, type Where } from './changes.ts';
import type { Replay } from './replay.ts';

const now = 1_800_000_000_000;
const clock = jest.spyOn(Date, 'now').mockReturnValue(now);
afterAll(() => clock.mockRestore());

const workspaceId = 'ws_1';
const by = { proof: { actor: { type: 'cli' }, workspaceId } as WorkspaceOperator };
const key = {
  ...{ keyId: 'key_1', apiId: 'api_1', externalId: 'ann', start: 'pay_abcd', enabled: true },
  ...{ createdAt: 1, updatedAt: 2, byteLength: 24, rerolled: false },
};
const portal = {
  ...{ portalId: 'portal_1', workspaceId, slug: 'acme', enabled: true, branding: { primaryColor: '#000000' } },
  ...{
    allowedReturnOrigins: [],
    embeddingOrigins: [],
    allowedOrigins: [],
    apiIds: [],
    openapiUrl: 'https://a.example/',
  },
  ...{ version: 1, createdAt: 1, updatedAt: 2 },
};
const api = { apiId: 'api_1', name: 'API', createdAt: 1 };
const source = { portalId: 'portal_1', kinds: ['oauth'] };
const policy = { maxLifetime: 9 };
const user = { identityId: 'id_1', externalId: 'ann', createdAt: 1, updatedAt: 2 };

interface Records {
  key?: object | undefined;
  portal?: object | undefined;
  api?: object | undefined;
  user?: object | undefined;
  /** How each write of a key ends. */
  outcomes?: string[];
}

/** A workspace with these records. It writes down what is changed: the name of the change, and what is stored after it. */
function where({ outcomes = [], ...given }: Records = {}, isDryRun = false) {
  const records: Records = { key, portal, api, user, ...given };
  const calls: unknown[][] = [];
  const left = [...outcomes];
  const note =
    (name: string, outcome: unknown, of: (...args: never[]) => unknown) =>
    async (...args: never[]) => {
      calls.push([name, of(...args)]);
      return outcome;
    };
  const writeKey = (name: string) => async (_: object, __: object, after?: object) => {
    calls.push([name, after]);
    return left.shift() ?? 'ok';
  };
  const store = {
    apiKeys: {
      findById: async (_: string, keyId: string) =>
        keyId === 'key_1' && records.key ? { record: records.key, hash: 'h', text: 't' } : undefined,
      replace: writeKey('replace key'),
      delete: writeKey('delete key'),
      removeOfDeletedApis: note('remove keys', undefined, () => undefined),
    },
    portals: {
      find: async () => records.portal,
      replace: note('replace portal', 'ok', (_, after) => after),
      delete: note('delete portal', true, ({ portalId }: typeof portal) => portalId),
    },
    apis: {
      find: async () => records.api,
      replace: note('replace api', 'ok', (_, __, after) => after),
      delete: note('delete api', true, (_, { apiId }: typeof api) => apiId),
    },
    identities: {
      find: async () => records.user && { identity: records.user },
      findId: async () => 'id_1',
      write: note('write user', 'ok', (_, __, after) => after),
    },
    erasures: {
      begin: note('erase', undefined, ({ externalId }: typeof user) => externalId),
      mark: async () => false,
      forget: async () => undefined,
    },
    rootKeys: {
      list: async () => [{ rootKeyId: 'rk_1' }, { rootKeyId: 'rk_2' }],
      revoke: note('revoke', true, (_, rootKeyId) => rootKeyId),
    },
    workspaces: {
      find: async () => ({ workspaceId, name: 'Acme', enabled: true }),
      put: note('put workspace', undefined, ({ enabled }: { enabled: boolean }) => enabled),
    },
  };
  const place: Where = { store: store as unknown as Store, workspaceId, by, isDryRun };
  return { place, calls };
}

const replay = (type: string, id: string, more: Partial<Replay> = {}): Replay => ({
  ...{ type, id, isDeleted: false, changes: {}, unknown: new Set(), ...more },
});
const changed = (type: string, id: string, changes: Record<string, unknown>, more: Partial<Replay> = {}) =>
  replay(type, id, { changes, ...more });
const again = (one: Replay, place: Where) => replayers[one.type]?.(place, one);

const ofKey = (more: Partial<Replay>) => replay('key', 'key_1', more);
const written = (more: object) => [['replace key', { ...key, updatedAt: now, ...more }]];
const createdUser = { identityId: expect.any(String), externalId: 'bob', createdAt: now, updatedAt: now };

test.each<[string, Replay, Records, unknown[][]]>([
  ['the name of a key', ofKey({ changes: { name: 'N' } }), {}, written({ name: 'N' })],
  [
    'a key that was used since',
    ofKey({ changes: { name: 'N' } }),
    { key: { ...key, lastUsedAt: 7 } },
    written({ name: 'N' }),
  ],
  ...['scopes', 'ipRanges', 'ratelimit', 'managed'].map((name): [string, Replay, Records, unknown[][]] => [
    `the unknown ${name} of a key`,
    ofKey({ unknown: new Set(['name', name]) }),
    {},
    written({ enabled: false }),
  ]),
  ['the end of a rerolled key', ofKey({ endsAt: now + 5 }), {}, written({ expires: now + 5, rerolled: true })],
  [
    'the end of a rerolled key that ends later',
    ofKey({ endsAt: now + 5 }),
    { key: { ...key, expires: now + 9 } },
    written({ expires: now + 5, rerolled: true }),
  ],
  [
    'the end of a rerolled key that ends sooner',
    ofKey({ endsAt: now + 9 }),
    { key: { ...key, expires: now + 5 } },
    written({ expires: now + 5, rerolled: true }),
  ],
  ['the deletion of a key', ofKey({ isDeleted: true }), {}, [['delete key', undefined]]],
  [
    'the end of a key that is over for long',
    ofKey({ changes: { expires: now - graceMs } }),
    {},
    [['delete key', undefined]],
  ],
  [
    'the end of a key that is over for nearly as long',
    ofKey({ changes: { expires: now - graceMs + 1 } }),
    {},
    written({ expires: now - graceMs + 1 }),
  ],
  [
    'a key that changes meanwhile, at the twentieth attempt',
    ofKey({ changes: { name: 'N' } }),
    { outcomes: Array(19).fill('stale') },
    Array(20).fill(written({ name: 'N' })[0]),
  ],
  [
    'the settings of a portal, without what is none',
    changed('portal', 'portal_1', { name: 'P', slug: 'other', portalId: 'x', enabled: false }),
    {},
    [['replace portal', { ...portal, name: 'P', enabled: false, version: 2, updatedAt: now }]],
  ],
  ...['allowedReturnOrigins', 'embeddingOrigins', 'allowedOrigins'].map(
    (name): [string, Replay, Records, unknown[][]] => [
      `the ${name} of a portal`,
      changed('portal', 'portal_1', { [name]: ['https://b.example'] }),
      {},
      [['replace portal', { ...portal, [name]: ['https://b.example'], version: 2, updatedAt: now }]],
    ],
  ),
  ['the deletion of a portal', replay('portal', 'portal_1', { isDeleted: true }), {}, [['delete portal', 'portal_1']]],
  [
    'the name of an API',
    changed('api', 'api_1', { name: 'New' }),
    { api: { ...api, policy } },
    [['replace api', { ...api, policy, name: 'New' }]],
  ],
  ['the policy of an API', changed('api', 'api_1', { policy }), {}, [['replace api', { ...api, policy }]]],
  [
    'that an API has no policy',
    changed('api', 'api_1', { policy: null }),
    { api: { ...api, policy } },
    [['replace api', api]],
  ],
  [
    'the scopes of an API',
    changed('api', 'api_1', { scopeSource: source }),
    {},
    [['replace api', { ...api, scopeSource: source }]],
  ],
  [
    'that the scopes of an API are a list',
    changed('api', 'api_1', { scopeSource: null }),
    { api: { ...api, scopeSource: source } },
    [['replace api', api]],
  ],
  [
    'the deletion of an API',
    replay('api', 'api_1', { isDeleted: true }),
    {},
    [
      ['delete api', 'api_1'],
      ['remove keys', undefined],
    ],
  ],
  [
    'the name of a user',
    changed('identity', 'id_1', { name: 'Ann' }, { externalId: 'ann' }),
    {},
    [['write user', { ...user, name: 'Ann', updatedAt: now }]],
  ],
  [
    'the meta of a user',
    changed('identity', 'id_1', { meta: { a: 1 } }, { externalId: 'ann' }),
    {},
    [['write user', { ...user, meta: { a: 1 }, updatedAt: now }]],
  ],
  [
    'the policy of a user',
    changed('identity', 'id_1', { policy }, { externalId: 'ann' }),
    {},
    [['write user', { ...user, policy, updatedAt: now }]],
  ],
  [
    'a user who was created since',
    changed('identity', 'id_9', { policy }, { externalId: 'bob', createdAt: 5 }),
    { user: undefined },
    [['write user', { ...createdUser, policy }]],
  ],
  [
    'a user without anything who was created since',
    replay('identity', 'id_9', { externalId: 'bob', createdAt: 5 }),
    { user: undefined },
    [['write user', createdUser]],
  ],
  ['the erasure of a user', replay('identity', 'id_1', { isDeleted: true, externalId: 'ann' }), {}, [['erase', 'ann']]],
  ['the revocation of a root key', replay('root_key', 'rk_2', { isDeleted: true }), {}, [['revoke', 'rk_2']]],
  [
    'that a workspace is disabled',
    changed('workspace', workspaceId, { enabled: false }),
    {},
    [['put workspace', false]],
  ],
])('a change is made again, and in a dry run only announced: %s', async (_, one, records, done) => {
  const { place, calls } = where(records);
  expect(await again(one, place)).toBe('made');
  expect(calls).toEqual(done);
  const dry = where(records, true);
  expect(await again(one, dry.place)).toBe('made');
  expect(dry.calls).toEqual([]);
});

test.each<[string, Replay, Records]>([
  ['a key', ofKey({ changes: { enabled: true, name: null } }), { key: { ...key, lastUsedAt: 7 } }],
  ['a key whose unknown name bounds nothing', ofKey({ unknown: new Set(['name']) }), {}],
  ['a portal', changed('portal', 'portal_1', { enabled: true, version: 5 }), {}],
  ['an API', changed('api', 'api_1', { name: 'API', policy: null, scopeSource: null }), {}],
  [
    'an API with all',
    changed('api', 'api_1', { policy, scopeSource: source }),
    { api: { ...api, policy, scopeSource: source } },
  ],
  ['a user', changed('identity', 'id_1', { name: null, meta: null, policy: null }, { externalId: 'ann' }), {}],
  [
    'a user with all',
    changed('identity', 'id_1', { name: 'Ann', meta: { a: 1 }, policy }, { externalId: 'ann', createdAt: 5 }),
    { user: { ...user, name: 'Ann', meta: { a: 1 }, policy } },
  ],
  [
    'a user with more than the log says',
    changed('identity', 'id_1', { name: 'Ann' }, { externalId: 'ann' }),
    { user: { ...user, name: 'Ann', meta: { a: 1 }, policy } },
  ],
  ['a root key', replay('root_key', 'rk_1'), {}],
  ['a workspace', changed('workspace', workspaceId, { enabled: true }), {}],
])('a change that is there already is not made again: of %s', async (_, one, records) => {
  const { place, calls } = where(records);
  expect(await again(one, place)).toBe('there');
  expect(calls).toEqual([]);
});

test.each<[string, Replay, Records]>([
  ['a key', replay('key', 'key_2', { isDeleted: true }), {}],
  ['a portal', changed('portal', 'portal_1', { name: 'P' }), { portal: undefined }],
  ['an API', changed('api', 'api_1', { name: 'A' }), { api: undefined }],
  ['a user whom nobody names', changed('identity', 'id_1', { name: 'A' }, { createdAt: 5 }), {}],
  [
    'a user who was not created since',
    changed('identity', 'id_1', { name: 'A' }, { externalId: 'ann' }),
    { user: undefined },
  ],
  [
    'a user whose identifier another one has now',
    changed('identity', 'id_9', { name: 'A' }, { externalId: 'ann', createdAt: 5 }),
    {},
  ],
  ['an erased user whom nobody names', replay('identity', 'id_1', { isDeleted: true }), {}],
  ['an erased user', replay('identity', 'id_1', { isDeleted: true, externalId: 'ann' }), { user: undefined }],
  [
    'an erased user whose identifier another one has',
    replay('identity', 'id_9', { isDeleted: true, externalId: 'ann' }),
    {},
  ],
  ['a root key', replay('root_key', 'rk_9', { isDeleted: true }), {}],
  ['another workspace', changed('workspace', 'ws_2', { enabled: false }), {}],
  ['a workspace that was only renamed', changed('workspace', workspaceId, { name: 'A' }), {}],
])('a change of what the backup does not have is none: of %s', async (_, one, records) => {
  const { place, calls } = where(records);
  expect(await again(one, place)).toBe('absent');
  expect(calls).toEqual([]);
});

test('a change of a key that keeps changing ends after twenty attempts', async () => {
  const { place, calls } = where({ outcomes: Array(99).fill('stale') });
  await expect(again(ofKey({ isDeleted: true }), place)).rejects.toThrow('the key keeps changing: stop the servers');
  expect(calls).toHaveLength(20);
});

test('a key is disabled, and one that is gone meanwhile needs no change', async () => {
  const { place, calls } = where();
  await disableKey(place, 'key_1');
  await disableKey(place, 'key_2');
  expect(calls).toEqual(written({ enabled: false }));
});

test.each([
  ['a Redis that is away', new Problem('unkey/application/service_unavailable')],
  ['an error of our own', new Error('a mistake')],
  ['an error of another program', Object.assign(new Error('not found'), { status: 404 })],
])('a change is not taken for absent because of %s', async (_, error) => {
  const { place } = where();
  const store = { ...place.store, portals: { find: () => Promise.reject(error) } } as unknown as Store;
  await expect(again(replay('portal', 'portal_1'), { ...place, store })).rejects.toBe(error);
});
