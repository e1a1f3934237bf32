import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { ScopeSourceSettings } from '../../../../generated/client/types.gen.ts';
import type { Api } from '../../store/control-data.ts';
import type { Store } from '../../store/index.ts';
import type { Manager } from '../../store/proof.ts';
import { type ApiChanges, createApi, deleteApi, findApi, getApi, updateApi } from './apis.ts';

const now = 1_800_000_000_000;
beforeEach(() => {
  jest.useFakeTimers({ now });
});
afterEach(() => {
  jest.useRealTimers();
});

const actor = { type: 'cli' } as const;
const by = { proof: { actor } as Manager };
const plain: Api = { apiId: 'api_1', name: 'API', createdAt: 1 };
const scopeSource = { portalId: 'portal_1', kinds: ['operations'] };
const full = {
  ...{ ...plain, prefix: 'acme', policy: { scopes: ['read'] }, scopeSource, catalogue: 'a hash' },
} as Api;
const { catalogue: _, ...fullShown } = full;

const portals: Record<string, object> = {
  'id portal_1': { portalId: 'portal_1', openapiUrl: 'https://acme.example/openapi.json' },
  'slug acme': { portalId: 'portal_1', openapiUrl: 'https://acme.example/openapi.json' },
  'slug my-portal_': { portalId: 'portal_1', openapiUrl: 'https://acme.example/openapi.json' },
  'slug bare': { portalId: 'portal_2' },
};

/** A store whose API is as given, one state after the other, and that replies to the writes. */
function storeOf(given: (Api | undefined)[], replies: unknown[]) {
  const calls: unknown[] = [];
  const [found, outcomes] = [[...given], [...replies]];
  const reply = async (...call: unknown[]) => {
    calls.push(call);
    if (outcomes.length === 0) throw new Error('nothing more is written');
    return outcomes.shift();
  };
  const apis = {
    find: async () => (found.length > 1 ? found.shift() : found[0]),
    create: (...[id, after, { entry }]: [string, Api, { entry: object }]) => reply(id, after, entry),
    replace: (...[id, before, after, { entry }]: [string, Api, Api, { entry: object }]) =>
      reply(id, before, after, entry),
    delete: (...[id, before, { entry }]: [string, Api, { entry: object }]) => reply(id, before, entry),
  };
  const portal = {
    find: async (workspaceId: string, id: string) => (workspaceId === 'ws_1' ? portals[`id ${id}`] : undefined),
    findBySlug: async (workspaceId: string, slug: string) =>
      workspaceId === 'ws_1' ? portals[`slug ${slug}`] : undefined,
  };
  return { store: { apis, portals: portal } as unknown as Store, calls };
}
const notFound = { code: 'unkey/data/api_not_found' };

/** Settings that no API can have, and what is wrong with them. */
const invalid: [string, ApiChanges, string, RegExp][] = [
  ['an invisible name', { name: '\u200b' }, 'body.name', /visible/],
  [
    'a range that is none',
    { policy: { ipRanges: { mode: 'allowed', ranges: ['x'] } } },
    'body.policy.ipRanges.ranges[0]',
    /range/,
  ],
  [
    'scopes of a portal that does not exist',
    { scopeSource: { portal: 'nowhere', kinds: ['operations'] } },
    'body.scopeSource.portal',
    /no portal/,
  ],
  [
    'scopes of a portal without a document',
    { scopeSource: { portal: 'bare', kinds: ['operations'] } },
    'body.scopeSource.portal',
    /openapiUrl/,
  ],
];

describe('a new API', () => {
  const source: ScopeSourceSettings = { portal: 'acme', kinds: ['operations', 'oauth'] };
  test.each<[string, Partial<Parameters<typeof createApi>[2]>, object]>([
    ['its name', {}, {}],
    ['a prefix', { prefix: 'acme' }, { prefix: 'acme' }],
    ['a policy that says something', { policy: { maxLifetime: 5 } }, { policy: { maxLifetime: 5 } }],
    ['no policy that says nothing', { policy: {} }, {}],
    [
      'its scopes from a portal',
      { scopeSource: source },
      { scopeSource: { portalId: 'portal_1', kinds: ['oauth', 'operations'] } },
    ],
  ])('has %s', async (_name, settings, expected) => {
    const { store, calls } = storeOf([], [undefined]);
    const api = await createApi(store, 'ws_1', { name: ' API ', ...settings }, by);
    expect(api.apiId).toMatch(/^api_\w{20}$/);
    expect(api).toStrictEqual({ apiId: api.apiId, name: 'API', ...expected, createdAt: now });
    const entry = { action: 'api.create', actor, resource: { type: 'api', id: api.apiId }, after: api };
    expect(calls).toStrictEqual([['ws_1', api, entry]]);
  });

  test.each([...invalid, ['an odd prefix', { prefix: '_a' }, 'body.prefix', /valid/] as const])(
    'cannot have %s',
    async (_name, settings, location, message) => {
      const { store, calls } = storeOf([], []);
      const failures = [expect.objectContaining({ location, message: expect.stringMatching(message) })];
      const creation = createApi(store, 'ws_1', { name: 'API', ...(settings as object) }, by);
      await expect(creation).rejects.toMatchObject({ failures });
      expect(calls).toEqual([]);
    },
  );
});

describe('an API', () => {
  test('is shown without the catalogue of its scopes', async () => {
    const { store } = storeOf([full], []);
    expect(await findApi(store, 'ws_1', 'api_1')).toBe(full);
    expect(await getApi(store, 'ws_1', 'api_1')).toStrictEqual(fullShown);
    await expect(getApi(storeOf([undefined], []).store, 'ws_1', 'api_1')).rejects.toMatchObject(notFound);
  });

  const { policy: __, ...withoutPolicy } = full;
  const { scopeSource: ___, catalogue: ____, ...withoutSource } = full;
  const { catalogue: _____, ...withoutCatalogue } = full;
  const sourceOf = (portal: string, kinds: string[]) => ({ scopeSource: { portal, kinds } as ScopeSourceSettings });
  test.each<[ApiChanges, Api, Api]>([
    [{}, plain, plain],
    [{}, full, full],
    [{ name: ' Pets ' }, full, { ...full, name: 'Pets' }],
    [{ name: 'Pets' }, plain, { ...plain, name: 'Pets' }],
    [{ policy: { maxLifetime: 5 } }, full, { ...full, policy: { maxLifetime: 5 } }],
    [{ policy: null }, full, withoutPolicy],
    [{ policy: {} }, full, withoutPolicy],
    [{ scopeSource: null }, full, withoutSource],
    // The catalogue is that of its source.
    [sourceOf('portal_1', ['operations']), full, full],
    [sourceOf('acme', ['operations']), full, full],
    [sourceOf('my-portal_', ['operations']), plain, { ...plain, scopeSource } as Api],
    [
      sourceOf('acme', ['tags']),
      full,
      { ...withoutCatalogue, scopeSource: { portalId: 'portal_1', kinds: ['tags'] } } as Api,
    ],
  ])('is changed by %j: from %j', async (changes, before, after) => {
    const { store, calls } = storeOf([before], ['ok']);
    const { catalogue: ______, ...shown } = after;
    expect(await updateApi(store, 'ws_1', 'api_1', changes, by)).toStrictEqual(shown);
    expect(calls).toStrictEqual([['ws_1', before, after, expect.objectContaining({ action: 'api.update' })]]);
  });

  test('has an entry in the audit log for its change, with what was before', async () => {
    const { store, calls } = storeOf([full], ['ok']);
    await updateApi(store, 'ws_1', 'api_1', { name: 'Pets', policy: null }, by);
    const resource = { type: 'api', id: 'api_1' };
    const before = { name: 'API', policy: full.policy };
    const entry = { action: 'api.update', actor, resource, before, after: { name: 'Pets' } };
    expect(calls).toStrictEqual([['ws_1', full, { ...withoutPolicy, name: 'Pets' }, entry]]);
  });

  test('is changed as it is when others have changed it meanwhile', async () => {
    const { store, calls } = storeOf([plain, { ...plain, name: 'New' }], ['stale', 'ok']);
    const { name } = await updateApi(store, 'ws_1', 'api_1', (before) => ({ name: `${before.name}!` }), by);
    expect([name, calls.length]).toEqual(['New!', 2]);
  });

  test.each(invalid)(
    'cannot have %s, also where its change depends on it',
    async (_name, changes, location, message) => {
      const { store, calls } = storeOf([plain], []);
      const failures = [expect.objectContaining({ location, message: expect.stringMatching(message) })];
      await expect(updateApi(store, 'ws_1', 'api_1', changes, by)).rejects.toMatchObject({ failures });
      await expect(updateApi(store, 'ws_1', 'api_1', () => changes, by)).rejects.toMatchObject({ failures });
      expect(calls).toEqual([]);
    },
  );

  test('that is deleted before or during its change, or its deletion, is not found', async () => {
    const none = storeOf([undefined], []).store;
    await expect(updateApi(none, 'ws_1', 'api_1', {}, by)).rejects.toMatchObject(notFound);
    await expect(deleteApi(none, 'ws_1', 'api_1', by)).rejects.toMatchObject(notFound);
    const { store } = storeOf([plain], ['not_found', false]);
    await expect(updateApi(store, 'ws_1', 'api_1', {}, by)).rejects.toMatchObject(notFound);
    await expect(deleteApi(store, 'ws_1', 'api_1', by)).rejects.toMatchObject(notFound);
  });

  test('is deleted with an entry in the audit log that shows it', async () => {
    const { store, calls } = storeOf([full], [true]);
    await deleteApi(store, 'ws_1', 'api_1', by);
    const resource = { type: 'api', id: 'api_1' };
    expect(calls).toStrictEqual([['ws_1', full, { action: 'api.delete', actor, resource, before: fullShown }]]);
  });
});
