import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { DocumentUnavailable } from '../../outbound/document-unavailable.ts';
import { Problem } from '../../problem.ts';
import type { Api } from '../../store/apis.ts';
import type { Store } from '../../store/index.ts';
import type { Catalogue } from '../../store/scopes.ts';
import { sha256 } from '../credentials.ts';
import { currentCatalogue, getScopes, operationNeeds, readNewSource } from './api-scopes.ts';
import type { DocumentScopes } from './openapi-scopes.ts';
import { catalogueOf } from './scope-catalogue.ts';

const now = 1_800_000_000_000;
const clock = jest.spyOn(Date, 'now').mockReturnValue(now);
afterAll(() => clock.mockRestore());

const documentOf = (operationId: string): DocumentScopes => ({
  oauth: [['read', 'Reads'], ['write']],
  tags: [],
  operations: [{ operationId, description: 'A', isPublic: false, security: [['read'], ['write']], tags: [] }],
  omitted: { scopes: 1, operations: 2 },
});
const [before, present] = [documentOf('old'), documentOf('new')].map((each) => catalogueOf(each, ['oauth']));
const hashOf = (catalogue: Catalogue | undefined) => sha256(JSON.stringify(catalogue));

const list: Api = { apiId: 'api_1', name: 'API', createdAt: 1, policy: { scopes: ['own'] } };
const unread: Api = {
  apiId: 'api_1',
  name: 'API',
  createdAt: 1,
  scopeSource: { portalId: 'portal_1', kinds: ['oauth'] },
};
const old: Api = { ...unread, catalogue: hashOf(before) };
const upToDate: Api = { ...unread, catalogue: hashOf(present) };
const portal = { portalId: 'portal_1', workspaceId: 'ws_1', openapiUrl: 'https://docs.acme.example/openapi.json' };

interface Setting {
  /** The API as it is stored, at each time that it is read; the last one stays. */
  apis?: (Api | undefined)[];
  portal?: object | undefined;
  /** When the copy of the document was fetched; null without a copy. */
  fetchedAt?: number | null;
  /** An error in place of the document. */
  error?: Error;
  keeps?: string[];
  isDue?: boolean;
  counts?: [string, number][];
}

/** A store of one API, and a source that cannot be reached. It writes down each fetch, each catalogue that is kept, and each failure. */
function storeOf(
  api: Api | undefined,
  { apis = [api], fetchedAt = now, error, keeps = [], isDue = true, counts = [], ...rest }: Setting = {},
) {
  const calls: unknown[] = [];
  const [found, outcomes] = [[...apis], [...keeps]];
  const catalogues = new Map([[hashOf(before), { ...before, operations: new Map(before?.operations) }]]);
  const store = {
    apis: { find: async () => (found.length > 1 ? found.shift() : found[0]) },
    portals: { find: async () => ('portal' in rest ? rest.portal : portal) },
    openapiDocuments: {
      find: async () => {
        if (error !== undefined) throw error;
        return fetchedAt === null
          ? {}
          : { copy: { hash: 'h', fetchedAt, stale: false, origins: [], url: portal.openapiUrl } };
      },
      begin: async () => true,
      fail: async () => undefined,
      scopes: async () => JSON.stringify(documentOf('new')),
    },
    scopes: {
      isDue: () => isDue,
      cached: (_: string, { catalogue }: Api) => catalogues.get(String(catalogue)),
      catalogue: async (_: string, { catalogue }: Api) => catalogues.get(String(catalogue)),
      counts: async () => new Map(counts),
      keep: async (_: string, { catalogue: from }: Api, { catalogue: to }: Api, catalogue: Catalogue) => {
        calls.push(['keep', from, to]);
        catalogues.set(String(to), { ...catalogue, operations: new Map(catalogue.operations) });
        return outcomes.shift() ?? 'ok';
      },
    },
  };
  const access = {
    fetchDocument: async () => {
      calls.push('fetch');
      throw new DocumentUnavailable('its server cannot be reached');
    },
    maxMib: 2,
    reportFailure: (failure: unknown) => calls.push(['failure', failure]),
  };
  return { calls, store: store as unknown as Store, access };
}

const keep = (from: Api) => ['keep', from.catalogue, upToDate.catalogue];
const offered = (counts: [number, number]) => [
  { scope: 'read', kind: 'oauth', description: 'Reads', keys: counts[0] },
  { scope: 'write', kind: 'oauth', keys: counts[1] },
];
const needed = [['read'], ['write']];
const operations = (operationId: string) => [{ operationId, anyOf: needed }];
const omitted = { omittedScopes: 1, omittedOperations: 2 };
const nothing = { apiId: 'api_1', scopes: [], gone: [], operations: [] };
const none = { omittedScopes: 0, omittedOperations: 0 };

describe('the scopes of an API', () => {
  test.each<[string, Api, Setting, object, unknown[]]>([
    [
      'of a list',
      list,
      {
        counts: [
          ['x', 1],
          ['own', 2],
          ['y', 3],
          ['z', 2],
        ],
      },
      {
        ...{ ...nothing, scopes: [{ scope: 'own', kind: 'list', keys: 2 }] },
        gone: [
          { scope: 'y', keys: 3 },
          { scope: 'z', keys: 2 },
          { scope: 'x', keys: 1 },
        ],
      },
      [],
    ],
    [
      'of a document that was never read',
      unread,
      { counts: [['write', 4]] },
      {
        ...{ ...nothing, document: { state: 'current', fetchedAt: now, ...omitted } },
        ...{ scopes: offered([0, 4]), operations: operations('new') },
      },
      [keep(unread)],
    ],
    [
      'of a document that has changed',
      old,
      {},
      {
        ...{ ...nothing, document: { state: 'current', fetchedAt: now, ...omitted } },
        ...{ scopes: offered([0, 0]), operations: operations('new') },
      },
      [keep(old)],
    ],
    [
      'of a document as it was ten seconds ago',
      old,
      { fetchedAt: now - 10_000 },
      {
        ...{ ...nothing, document: { state: 'current', fetchedAt: now - 10_000, ...omitted } },
        ...{ scopes: offered([0, 0]), operations: operations('new') },
      },
      [keep(old)],
    ],
    [
      'of an older document, whose server is away',
      old,
      { fetchedAt: now - 10_001 },
      {
        ...{ ...nothing, document: { state: 'stale', fetchedAt: now - 10_001, ...omitted } },
        ...{ scopes: offered([0, 0]), operations: operations('new') },
      },
      ['fetch', keep(old)],
    ],
    [
      'of a document that is unavailable, as they were read last',
      old,
      { fetchedAt: null },
      {
        ...{ ...nothing, document: { state: 'unavailable', ...omitted } },
        ...{ scopes: offered([0, 0]), operations: operations('old') },
      },
      ['fetch'],
    ],
    ['of no portal', unread, { portal: undefined }, { ...nothing, document: { state: 'no_portal', ...none } }, []],
    [
      'of a portal without a document',
      unread,
      { portal: { ...portal, openapiUrl: undefined } },
      { ...nothing, document: { state: 'no_document', ...none } },
      [],
    ],
    [
      'of an API that is deleted meanwhile',
      unread,
      { apis: [unread, undefined], keeps: ['stale'] },
      nothing,
      [keep(unread)],
    ],
    [
      'of an API that is changed meanwhile, with its present record',
      old,
      { apis: [old, unread], keeps: ['stale'] },
      {
        ...{ ...nothing, document: { state: 'current', fetchedAt: now, ...omitted } },
        ...{ scopes: offered([0, 0]), operations: operations('new') },
      },
      [keep(old), keep(unread)],
    ],
    [
      'of an API that gets a list meanwhile',
      unread,
      { apis: [unread, list], keeps: ['stale'] },
      nothing,
      [keep(unread)],
    ],
  ])('are those %s', async (_, api, setting, scopes, done) => {
    const { store, access, calls } = storeOf(api, setting);
    expect(await getScopes(store, 'ws_1', 'api_1', access)).toStrictEqual(scopes);
    expect(calls).toEqual(done);
  });

  test('name at most a thousand that are gone, those of most keys first', async () => {
    const counts = Array.from({ length: 1001 }, (_, i): [string, number] => [`s${i}`, i]);
    const { store, access } = storeOf(list, { counts });
    const { gone } = await getScopes(store, 'ws_1', 'api_1', access);
    expect([gone.length, gone[0], gone.at(-1)]).toEqual([
      1000,
      { scope: 's1000', keys: 1000 },
      { scope: 's1', keys: 1 },
    ]);
  });

  test.each([
    ['a Redis that is away', new Problem('unkey/application/service_unavailable')],
    ['a mistake of our own', new TypeError('a mistake')],
  ])('are not said in case of %s', async (_, error) => {
    const { store, access } = storeOf(old, { error });
    await expect(getScopes(store, 'ws_1', 'api_1', access)).rejects.toBe(error);
  });
});

/** What is done after a response, until nothing is left to do. */
const afterwards = () => new Promise((resolve) => setImmediate(resolve));

test.each<[string, Api, Setting, string | undefined, unknown[]]>([
  ['is none for a list', list, {}, undefined, []],
  ['is read if it never was', unread, { fetchedAt: now - 60_000 }, 'new', [keep(unread)]],
  [
    'is none if the API is deleted meanwhile',
    unread,
    { apis: [undefined], keeps: ['stale'] },
    undefined,
    [keep(unread)],
  ],
  ['is the stored one, and is brought up to date afterwards', old, {}, 'old', [keep(old)]],
  ['is the stored one, of a document of five minutes', old, { fetchedAt: now - 300_000 }, 'old', [keep(old)]],
  ['is the stored one, of an older document', old, { fetchedAt: now - 300_001 }, 'old', ['fetch', keep(old)]],
  ['is the stored one, if the document was looked at lately', old, { isDue: false }, 'old', []],
])('the catalogue of the scopes of an API %s', async (_, api, setting, operationId, done) => {
  const { store, access, calls } = storeOf(api, setting);
  const found = await currentCatalogue(store, 'ws_1', api, access);
  await afterwards();
  expect(found && [...found.operations.keys()]).toEqual(operationId && [operationId]);
  expect(calls).toEqual(done);
});

test('a failure to read the scopes of an API after the response is reported', async () => {
  const error = new TypeError('a mistake');
  const { store, access, calls } = storeOf(old, { error });
  await currentCatalogue(store, 'ws_1', old, access);
  await afterwards();
  expect(calls).toEqual([['failure', error]]);
});

test.each<[string, Api | undefined, unknown[]]>([
  ['a document that was never read', unread, [keep(unread)]],
  ['a document that was read', old, []],
  ['a list', list, []],
  ['an API that is deleted', undefined, []],
])('a new source of the scopes of an API is read at once: %s', async (_, api, done) => {
  const { store, access, calls } = storeOf(api);
  await readNewSource(store, 'ws_1', 'api_1', access);
  expect(calls).toEqual(done);
});

describe('what an operation needs by the scopes of an API', () => {
  const needs = (api: Api, operationId: string, isCertain: boolean, setting: Setting = {}) => {
    const { store, access, calls } = storeOf(api, setting);
    return { calls, found: operationNeeds(store, access, operationId, 'body.operationId')('ws_1', api, isCertain) };
  };
  const notThere = {
    location: 'body.operationId',
    message: 'is no operation of the OpenAPI document that the scopes of the API come from',
    fix: 'Send an operationId that apis.getScopes returns for the API.',
  };
  const noSource = {
    location: 'body.operationId',
    message: 'must be left out: the scopes of the API of this key come from no OpenAPI document',
    fix: 'Send `scopes`, or set the `scopeSource` of the API with apis.updateApi.',
  };

  test.each([
    ['and is looked at again afterwards', true, [keep(old)]],
    ['and nothing more if it was looked at lately', false, []],
  ])('is said at once if it is known, %s', async (_, isDue, done) => {
    const { calls, found } = needs(old, 'old', true, { isDue });
    expect([found, needs(old, 'old', false).found]).toEqual([needed, needed]);
    await afterwards();
    expect(calls).toEqual(done);
  });

  test('is not said if it is unknown, and the API is not certain', async () => {
    const { calls, found } = needs(old, 'new', false);
    await afterwards();
    expect([found, calls]).toEqual([undefined, []]);
  });

  test.each<[string, Api, Setting, unknown[]]>([
    ['which was never read', unread, {}, [keep(unread)]],
    ['which has changed', old, { isDue: false }, [keep(old)]],
    ['which has changed ten seconds ago', old, { isDue: false, fetchedAt: now - 10_000 }, [keep(old)]],
    ['which is older', old, { isDue: false, fetchedAt: now - 10_001 }, ['fetch', keep(old)]],
  ])('is read from the document, %s', async (_, api, setting, done) => {
    const { calls, found } = needs(api, 'new', true, setting);
    expect(await found).toEqual(needed);
    expect(calls).toEqual(done);
  });

  test.each<[string, Api, Setting, object]>([
    ['the document has no such operation', old, {}, notThere],
    ['there is no portal', unread, { portal: undefined }, notThere],
    ['the scopes are a list', list, {}, noSource],
    ['the API is deleted meanwhile', unread, { apis: [undefined], keeps: ['stale', 'stale'] }, noSource],
  ])('is refused if %s', async (_, api, setting, failure) => {
    await expect(needs(api, 'ghost', true, setting).found).rejects.toMatchObject({ failures: [failure] });
  });
});
