/** When the OpenAPI document of a portal is fetched, and what is shown meanwhile. tests/documents has the same with a Redis. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { DocumentUnavailable } from '../../outbound/document-unavailable.ts';
import type { FetchDocument } from '../../outbound/fetch-document.ts';
import type { Store } from '../../store/index.ts';
import type { DocumentCopy } from '../../store/openapi-documents.ts';
import type { Portal } from '../../store/portals.ts';
import { sha256 } from '../credentials.ts';
import {
  currentServerOrigins,
  documentScopes,
  freshMs,
  getOpenapiDocument,
  openapiServerOrigins,
} from './openapi-document.ts';

const now = 1_750_000_000_000;
let clock: jest.SpiedFunction<typeof Date.now>;
beforeEach(() => {
  clock = jest.spyOn(Date, 'now').mockReturnValue(now);
});
afterEach(() => clock.mockRestore());

const openapiUrl = 'https://docs.acme.example/openapi.json';
const portal = { workspaceId: 'ws_1', portalId: 'portal_1', openapiUrl } as Portal;
const without = { workspaceId: 'ws_1', portalId: 'portal_1' } as Portal;
const source = { workspaceId: 'ws_1', portalId: 'portal_1', openapiUrl, urlHash: sha256(openapiUrl) };
const copy: DocumentCopy = {
  ...{ hash: 'h', origins: ['https://api.acme.example'], url: `${openapiUrl}?moved` },
  ...{ etag: '"1"', fetchedAt: now, stale: true },
};
const unavailable = (reason: DocumentUnavailable['reason']) => new DocumentUnavailable(reason);
const away = unavailable('its server cannot be reached');

type Found = Awaited<ReturnType<Store['openapiDocuments']['find']>>;
const failed: Found['attempt'] = { state: 'failed', reason: 'it is not an OpenAPI document' };

/**
 * A store that finds these one after the other, and then the last one. It notes what is fetched, kept and reported. Its texts are missing
 * for the first `misses` times.
 */
function open(
  found: Partial<Found>[],
  { fetch = (async () => 'not_modified') as FetchDocument, begins = true, misses = 0 } = {},
) {
  const noted = {
    ...{ looks: 0, texts: 0, fetched: [] as unknown[], kept: [] as unknown[], failed: [] as unknown[] },
    reported: [] as unknown[],
  };
  const text = async () => (noted.texts++ < misses ? undefined : Buffer.from('{}'));
  const store = {
    openapiDocuments: {
      find: async () => found[Math.min(noted.looks++, found.length - 1)] ?? {},
      begin: async () => begins,
      keep: async (of: unknown, _: string, kept: unknown, also: unknown) => void noted.kept.push([of, kept, also]),
      fail: async (of: unknown, _: string, reason: string) => void noted.failed.push([of, reason]),
      ...{ json: text, scopes: text, origins: async () => ['https://stored.example'] },
    },
  };
  const fetchDocument: FetchDocument = (...args) => {
    noted.fetched.push(args);
    return fetch(...args);
  };
  const access = { fetchDocument, maxMib: 1, reportFailure: (error: unknown) => void noted.reported.push(error) };
  return { noted, access, store: store as unknown as Store };
}
/** Lets what was begun in the background end. */
const settled = () => new Promise((resolve) => setImmediate(resolve));
const origins = ({ store, access }: ReturnType<typeof open>) => currentServerOrigins(store, portal, access);
/** The scopes, with a copy that is not older than this. */
const scopes = ({ store, access }: ReturnType<typeof open>, since?: number) =>
  documentScopes(store, portal, access, since);

test.each([
  ['as old as it may be', freshMs, 0],
  ['older', freshMs + 1, 1],
  ['from the future, by a clock that is a little late', -freshMs, 0],
  ['from the future, by a clock that has gone back', -freshMs - 1, 1],
])('an OpenAPI document is shown at once, and fetched in the background if it is due: %s', async (_, age, fetches) => {
  const opened = open([{ copy: { ...copy, fetchedAt: now - age } }]);
  expect(await origins(opened)).toEqual(copy.origins);
  await settled();
  expect([opened.noted.looks, opened.noted.fetched.length]).toEqual([1, fetches]);
});

describe('an OpenAPI document that is fetched again', () => {
  const { etag, ...unnamed } = copy;
  test.each([
    ['with the ETag of the copy', copy, { url: copy.url, etag }],
    ['as if it were new, if the copy has none', unnamed, undefined],
  ])('is asked for %s, and if it has not changed the copy counts as fetched now', async (_, stored, known) => {
    const opened = open([{ copy: { ...stored, fetchedAt: 5 } }]);
    await origins(opened);
    await settled();
    const { fetched, kept, failed: none, reported } = opened.noted;
    expect(fetched).toEqual([[openapiUrl, known]]);
    expect(kept).toEqual([[source, { ...stored, fetchedAt: now, stale: false }, undefined]]);
    expect([none, reported]).toEqual([[], []]);
  });

  test.each([
    ['with a reason', away, [[source, 'its server cannot be reached']]],
    ['without one', new TypeError('a fault'), []],
  ])('and cannot be is reported, and prevents the next fetch only for a known reason: %s', async (_, error, kept) => {
    const opened = open([{ copy: { ...copy, fetchedAt: 5 } }], { fetch: () => Promise.reject(error) });
    expect(await origins(opened)).toEqual(copy.origins);
    await settled();
    expect([opened.noted.failed, opened.noted.reported]).toEqual([kept, [error]]);
  });

  test('by another process is not fetched', async () => {
    const opened = open([{ copy: { ...copy, fetchedAt: 5 } }], { begins: false });
    expect(await origins(opened)).toEqual(copy.origins);
    await settled();
    expect(opened.noted.fetched).toEqual([]);
  });
});

describe('an OpenAPI document that must not be older than a time', () => {
  const old = { ...copy, fetchedAt: now - 1, stale: false };
  test('is not fetched if it is not, and before the reply if it is', async () => {
    const fresh = open([{ copy: old }]);
    expect(await scopes(fresh, now - 1)).toEqual({ scopes: {}, fetchedAt: now - 1, stale: false });
    const due = open([{ copy: { ...old, stale: true } }]);
    expect(await scopes(due, now)).toEqual({ scopes: {}, fetchedAt: now, stale: false });
    expect([fresh.noted.fetched.length, due.noted.fetched.length]).toEqual([0, 1]);
  });

  test.each<[string, Partial<Found>, number]>([
    ['cannot be fetched', { copy: old }, 1],
    ['could not be fetched a moment ago', { copy: old, attempt: failed }, 0],
  ])('is stale if it %s', async (_, found, fetches) => {
    const opened = open([found], { fetch: () => Promise.reject(away) });
    expect(await scopes(opened, now)).toEqual({ scopes: {}, fetchedAt: now - 1, stale: true });
    expect(opened.noted.fetched).toHaveLength(fetches);
  });

  test('fails with a fault of the server, although there is a copy', async () => {
    const opened = open([{ copy: old }], { fetch: () => Promise.reject(new TypeError('a fault')) });
    await expect(scopes(opened, now)).rejects.toThrow('a fault');
  });
});

describe('an OpenAPI document without a copy', () => {
  test.each<[string, Partial<Found>, Error, string, number]>([
    ['that cannot be fetched', {}, away, 'its server cannot be reached', 1],
    ['that could not be fetched a moment ago', { attempt: failed }, away, 'it is not an OpenAPI document', 0],
  ])('%s is unavailable, with the reason', async (_, found, error, reason, fetches) => {
    const opened = open([found], { fetch: () => Promise.reject(error) });
    await expect(origins(opened)).rejects.toMatchObject({ reason });
    expect(opened.noted.fetched).toHaveLength(fetches);
  });

  test('cannot be unchanged', async () => {
    await expect(origins(open([{}]))).rejects.toThrow('cannot be unchanged');
  });

  test('that another process fetches is waited for', async () => {
    const opened = open([{}, { copy }], { begins: false });
    expect(await origins(opened)).toEqual(copy.origins);
    expect([opened.noted.looks, opened.noted.fetched]).toEqual([2, []]);
  });

  test.each<[string, number, looks: number]>([
    ['a moment too late', 12_000, 1],
    ['at the last moment', 11_999, 2],
  ])('is waited for no longer than twelve seconds: %s', async (_, passed, looks) => {
    const opened = open([{}, { copy }], { begins: false });
    clock
      .mockReturnValueOnce(now)
      .mockReturnValueOnce(now)
      .mockReturnValue(now + passed);
    const [outcome] = await Promise.allSettled([origins(opened)]);
    expect([outcome.status, opened.noted.looks]).toEqual([looks === 2 ? 'fulfilled' : 'rejected', looks]);
  });
});

describe('the text of an OpenAPI document', () => {
  const fresh = { ...copy, stale: false };
  test.each([
    ['fresh', fresh, 'h', 'false'],
    ['stale', copy, 'h-stale', 'true'],
  ])('has its age and a version that says whether it is stale: %s', async (_, stored, version, stale) => {
    const { store, access, noted } = open([{ copy: stored }]);
    const parts = [`{"fetchedAt":${now},"stale":${stale},"document":`, Buffer.from('{}'), '}'];
    expect(await getOpenapiDocument(store, portal, access)).toEqual({ version, parts });
    const asked: string[] = [];
    const knows = (one: string) => asked.push(one) > 0;
    expect(await getOpenapiDocument(store, portal, access, knows)).toEqual({ version });
    expect([asked, noted.texts]).toEqual([[version], 1]);
  });

  test.each([
    ['it', ({ store, access }: ReturnType<typeof open>) => getOpenapiDocument(store, portal, access)],
    ['that of its scopes', (opened: ReturnType<typeof open>) => scopes(opened)],
  ])('is looked for three times, if each copy was replaced meanwhile: %s', async (_, read) => {
    const late = open([{ copy: fresh }], { misses: 2 });
    await read(late);
    const never = open([{ copy: fresh }], { misses: 9 });
    await expect(read(never)).rejects.toBeInstanceOf(DocumentUnavailable);
    expect([late.noted.looks, never.noted.looks]).toEqual([3, 3]);
  });
});

test('a portal without the URL of an OpenAPI document has no document, no scopes and no origins', async () => {
  const { store, access, noted } = open([{ copy }]);
  const notFound = { code: 'unkey/data/openapi_document_not_found' };
  await expect(getOpenapiDocument(store, without, access)).rejects.toMatchObject(notFound);
  await expect(documentScopes(store, without, access)).rejects.toMatchObject(notFound);
  expect([await openapiServerOrigins(store, without), await currentServerOrigins(store, without, access)]).toEqual([
    [],
    [],
  ]);
  expect(await openapiServerOrigins(store, portal)).toEqual(['https://stored.example']);
  expect([noted.looks, noted.fetched]).toEqual([0, []]);
});
