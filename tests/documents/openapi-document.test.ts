/** When the server fetches a document and when it returns the stored copy: with a real Redis and a controlled source. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { createClient } from 'redis';
import type { FetchedOpenapiDocument } from '../../generated/client/types.gen.ts';
import { commandLine } from '../../src/server/cli/operator.ts';
import {
  currentServerOrigins,
  getOpenapiDocument,
  openapiServerOrigins,
  type ShownDocument,
} from '../../src/server/domain/documents/openapi-document.ts';
import { createPortal, deletePortal, updatePortal } from '../../src/server/domain/portals/portals.ts';
import { createWorkspace } from '../../src/server/domain/workspaces/workspaces.ts';
import { DocumentUnavailable } from '../../src/server/outbound/document-unavailable.ts';
import type { FetchDocument } from '../../src/server/outbound/fetch-document.ts';
import { createStore } from '../../src/server/store/index.ts';
import { keys } from '../../src/server/store/keys.ts';
import type { Portal } from '../../src/server/store/portals.ts';
import { connectRedis } from '../../src/server/store/redis.ts';
import '../support/patient-redis.ts';
import { startRedis } from '../support/redis.ts';

const local = await startRedis();
const redis = connectRedis(local.url);
const looking = await createClient({ url: local.url }).connect();
await redis.ready;
const store = createStore(redis, { maxEntries: 100, maxAgeDays: 1 });
afterAll(async () => {
  looking.destroy();
  await store.close();
  await local.stop();
});

const { workspaceId } = await createWorkspace(store, { name: 'Acme' }, commandLine);
const newPortal = (openapiUrl = 'https://docs.acme.example/openapi.json') =>
  createPortal(store, workspaceId, { slug: `portal-${randomUUID()}`, openapiUrl }, commandLine);

/** What the source returns next, the requests to it, and the failures of background fetches. */
let source: FetchDocument;
let fetches: Parameters<FetchDocument>[] = [];
let reported: unknown[] = [];
const serving =
  (title: string, etag?: string): FetchDocument =>
  async (url) => ({
    text: JSON.stringify({
      openapi: '3.1.0',
      info: { title },
      servers: [{ url: 'https://{a}.acme.example', variables: { a: { default: 'api' } } }],
    }),
    url,
    ...(etag && { etag }),
  });
const dead: FetchDocument = async () => {
  throw new DocumentUnavailable('its server cannot be reached', new Error('ECONNREFUSED'));
};
beforeEach(() => {
  source = serving('One');
  [fetches, reported] = [[], []];
});

const access = {
  fetchDocument: ((...args) => {
    fetches.push(args);
    return source(...args);
  }) as FetchDocument,
  maxMib: 2,
  reportFailure: (error: unknown) => reported.push(error),
};
const get = async (portal: Portal): Promise<FetchedOpenapiDocument> =>
  textOf(await getOpenapiDocument(store, portal, access));
const textOf = ({ parts = [] }: ShownDocument) =>
  JSON.parse(Buffer.concat(parts.map((part) => Buffer.from(part))).toString());
const titleOf = async (portal: Portal) => ((await get(portal)).document['info'] as { title: string }).title;
const copyKey = ({ portalId }: Portal) => keys.openapiDocument(workspaceId, portalId);
const attemptKeys = ({ portalId }: Portal) => looking.keys(keys.openapiAttempt(workspaceId, portalId, '*'));
const age = (portal: Portal, milliseconds: number) =>
  looking.hSet(copyKey(portal), 'fetchedAt', String(Date.now() - milliseconds));
/** The test does not wait for the attempt to expire: it deletes the attempt from Redis. */
const forget = async (portal: Portal) => looking.del(await attemptKeys(portal));
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
}
const old = 6 * 60_000;

test('a portal without a URL has no document, and no origins', async () => {
  const portal = await createPortal(store, workspaceId, { slug: `portal-${randomUUID()}` }, commandLine);
  await expect(get(portal)).rejects.toMatchObject({ code: 'unkey/data/openapi_document_not_found' });
  expect([await openapiServerOrigins(store, portal), fetches]).toEqual([[], []]);
});

test('the first request fetches the document, the next ones return its copy, stored for 30 days', async () => {
  const portal = await newPortal();
  expect(await openapiServerOrigins(store, portal)).toEqual([]);
  const first = await get(portal);
  expect(first).toMatchObject({ stale: false, document: { info: { title: 'One' } } });
  expect(Date.now() - first.fetchedAt).toBeLessThan(10_000);
  await age(portal, old - 2 * 60_000);
  source = serving('Two');
  expect(await titleOf(portal)).toBe('One');
  expect(fetches).toEqual([[portal.openapiUrl, undefined]]);
  expect(await openapiServerOrigins(store, portal)).toEqual(['https://api.acme.example']);
  const ttl = await looking.ttl(copyKey(portal));
  expect([ttl > 30 * 86_400 - 60, ttl <= 30 * 86_400]).toEqual([true, true]);
  expect(await attemptKeys(portal)).toEqual([]);
});

test('an old copy is returned at once and refreshed in the background', async () => {
  const portal = await newPortal();
  await get(portal);
  await age(portal, old);
  await looking.expire(copyKey(portal), 1000);
  let release = () => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  source = async (url) => {
    await gate;
    return serving('Two')(url);
  };
  expect(await get(portal)).toMatchObject({ stale: false, document: { info: { title: 'One' } } });
  // While this fetch is in progress, no other fetch starts.
  for (const _ of [1, 2, 3]) expect(await titleOf(portal)).toBe('One');
  expect(fetches).toHaveLength(2);
  release();
  await until(async () => (await titleOf(portal)) === 'Two');
  expect(fetches).toHaveLength(2);
  expect(await looking.ttl(copyKey(portal))).toBeGreaterThan(1000);
});

test('an unchanged document stays, and counts as fetched', async () => {
  const portal = await newPortal();
  source = serving('One', '"1"');
  await get(portal);
  await age(portal, old);
  source = async () => 'not_modified';
  await get(portal);
  await until(async () => Date.now() - (await get(portal)).fetchedAt < old);
  expect(await titleOf(portal)).toBe('One');
  expect(fetches).toEqual([
    [portal.openapiUrl, undefined],
    [portal.openapiUrl, { url: portal.openapiUrl, etag: '"1"' }],
  ]);
});

test('if a refresh fails, the copy stays and is stale until a refresh succeeds', async () => {
  const portal = await newPortal();
  await get(portal);
  await age(portal, old);
  source = dead;
  await get(portal);
  await until(async () => (await get(portal)).stale);
  expect(reported).toHaveLength(1);
  expect(await titleOf(portal)).toBe('One');
  // For 30 seconds no fetch starts. The next one fails too.
  expect(fetches).toHaveLength(2);
  const [attempt = ''] = await attemptKeys(portal);
  const ttl = await looking.ttl(attempt);
  expect([ttl > 25, ttl <= 30]).toEqual([true, true]);
  await forget(portal);
  expect(await get(portal)).toMatchObject({ stale: true });
  await until(() => reported.length === 2);
  expect((await get(portal)).stale).toBe(true);
  expect(fetches).toHaveLength(3);
  await forget(portal);
  source = serving('Two');
  await get(portal);
  await until(async () => !(await get(portal)).stale);
  expect(await titleOf(portal)).toBe('Two');
  expect(await openapiServerOrigins(store, portal)).toEqual(['https://api.acme.example']);
});

test('without a copy a failure is returned and stored, and the fetch is retried after it expires', async () => {
  const portal = await newPortal();
  source = dead;
  const unavailable = {
    code: 'unkey/data/openapi_document_unavailable',
    message: 'The OpenAPI document is unavailable: its server cannot be reached.',
  };
  for (const _ of [1, 2, 3]) await expect(get(portal)).rejects.toMatchObject(unavailable);
  expect(fetches).toHaveLength(1);
  source = serving('One');
  await forget(portal);
  expect(await titleOf(portal)).toBe('One');
});

test('a fetch that fails for no known reason stores neither a copy nor a failure', async () => {
  const portal = await newPortal();
  for (const [wrong, message] of [
    [async () => Promise.reject(new TypeError('a fault')), 'a fault'],
    [async () => 'not_modified', 'cannot be unchanged'],
  ] as [FetchDocument, string][]) {
    source = wrong;
    await expect(get(portal)).rejects.toThrow(message);
    const [attempt = ''] = await attemptKeys(portal);
    expect(await looking.get(attempt)).toMatch(/^under_way/);
    expect(await looking.exists(copyKey(portal))).toBe(0);
    await forget(portal);
  }
});

test('a response that is not a document is never stored', async () => {
  const portal = await newPortal();
  await get(portal);
  await age(portal, old);
  source = async (url) => ({ text: '<!doctype html>', url });
  await get(portal);
  await until(async () => (await get(portal)).stale);
  expect(await titleOf(portal)).toBe('One');
});

test('one of many concurrent requests fetches, and all get its result', async () => {
  const portal = await newPortal();
  source = async (url) => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    return serving('One')(url);
  };
  const titles = await Promise.all(Array.from({ length: 20 }, () => titleOf(portal)));
  expect(new Set(titles)).toEqual(new Set(['One']));
  expect(fetches).toHaveLength(1);
  const other = await newPortal();
  source = async (url) => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    return dead(url);
  };
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => get(other)));
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
  expect(fetches).toHaveLength(2);
});

test('a request that read the old copy does not fetch after another request refreshed it', async () => {
  const portal = await newPortal();
  await get(portal);
  await age(portal, old);
  const { find } = store.openapiDocuments;
  const late = Promise.withResolvers<void>();
  const slow = {
    ...store,
    openapiDocuments: {
      ...store.openapiDocuments,
      find: async (...of: Parameters<typeof find>) => {
        const found = await find(...of);
        await late.promise;
        return found;
      },
    },
  };
  const looked = getOpenapiDocument(slow, portal, access);
  await get(portal);
  await until(async () => Date.now() - (await get(portal)).fetchedAt < old);
  late.resolve();
  await looked;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(fetches).toHaveLength(2);
});

test('another request takes over the fetch of a crashed process', async () => {
  const portal = await newPortal();
  const key = keys.openapiAttempt(workspaceId, portal.portalId, 'x');
  source = async () => new Promise(() => {});
  void get(portal);
  await until(async () => (await attemptKeys(portal)).length > 0);
  const [attempt = key] = await attemptKeys(portal);
  expect(await looking.ttl(attempt)).toBeLessThanOrEqual(25);
  await looking.pExpire(attempt, 200);
  source = serving('One');
  expect(await titleOf(portal)).toBe('One');
});

/** The store, with the number of texts that it was asked for. */
function countingTexts(json = store.openapiDocuments.json) {
  const counted = { texts: 0, store: store as typeof store };
  counted.store = {
    ...store,
    openapiDocuments: {
      ...store.openapiDocuments,
      json: (...of) => {
        counted.texts++;
        return json(...of);
      },
    },
  };
  return counted;
}

test('a caller that knows the version gets no text, and the text is not read', async () => {
  const portal = await newPortal();
  const { version } = await getOpenapiDocument(store, portal, access);
  const counted = countingTexts();
  const knows = (known: string) => known === version;
  expect(await getOpenapiDocument(counted.store, portal, access, knows)).toEqual({ version });
  expect(counted.texts).toBe(0);
  const other = await getOpenapiDocument(counted.store, portal, access, (known) => known !== version);
  expect([counted.texts, textOf(other).document.info.title]).toEqual([1, 'One']);
});

test('the version changes with the document and with its staleness, but not with its age', async () => {
  const portal = await newPortal();
  const versionOf = async () => (await getOpenapiDocument(store, portal, access)).version;
  const version = await versionOf();
  await age(portal, old - 2 * 60_000);
  expect(await versionOf()).toBe(version);
  await age(portal, old);
  source = dead;
  await get(portal);
  await until(async () => (await get(portal)).stale);
  expect(await versionOf()).toBe(`${version}-stale`);
  await forget(portal);
  source = serving('Two');
  await get(portal);
  await until(async () => (await titleOf(portal)) === 'Two');
  expect([version, `${version}-stale`]).not.toContain(await versionOf());
});

test('a copy that was replaced before its text is read is looked up again', async () => {
  const portal = await newPortal();
  await get(portal);
  const { json } = store.openapiDocuments;
  let misses = 2;
  const counted = countingTexts(async (...of) => (misses-- > 0 ? undefined : json(...of)));
  expect(textOf(await getOpenapiDocument(counted.store, portal, access)).document.info.title).toBe('One');
  expect(counted.texts).toBe(3);
  misses = Number.POSITIVE_INFINITY;
  await expect(getOpenapiDocument(counted.store, portal, access)).rejects.toBeInstanceOf(DocumentUnavailable);
  expect(fetches).toHaveLength(1);
});

test('the origins for a page come from the copy, or from a first fetch', async () => {
  const portal = await newPortal();
  const counted = countingTexts();
  const origins = ['https://api.acme.example'];
  expect(await currentServerOrigins(counted.store, portal, access)).toEqual(origins);
  expect(await currentServerOrigins(counted.store, portal, access)).toEqual(origins);
  expect([fetches.length, counted.texts]).toEqual([1, 0]);
  source = dead;
  await expect(currentServerOrigins(store, await newPortal(), access)).rejects.toBeInstanceOf(DocumentUnavailable);
  const none = await createPortal(store, workspaceId, { slug: `portal-${randomUUID()}` }, commandLine);
  expect(await currentServerOrigins(store, none, access)).toEqual([]);
});

test('a copy belongs to one URL: after a change of the URL it is not returned', async () => {
  const portal = await newPortal();
  await get(portal);
  const openapiUrl = 'https://docs.acme.example/two.json';
  const moved = await updatePortal(store, workspaceId, portal.slug, { openapiUrl }, commandLine);
  source = dead;
  await expect(get(moved)).rejects.toMatchObject({ reason: 'its server cannot be reached' });
  expect(await openapiServerOrigins(store, moved)).toEqual([]);
  await forget(moved);
  source = serving('Two');
  expect(await titleOf(moved)).toBe('Two');
  // A request with the old URL gets the old document, and does not change the copy of the new one.
  source = serving('One');
  expect(await titleOf(portal)).toBe('One');
  expect(await titleOf(moved)).toBe('Two');
});

test('portals do not share copies, even of the same URL', async () => {
  const [one, two] = [await newPortal(), await newPortal()];
  expect(await titleOf(one)).toBe('One');
  source = serving('Two');
  expect([await titleOf(two), await titleOf(one)]).toEqual(['Two', 'One']);
});

test('a copy is deleted with its portal, and a late fetch does not store it again', async () => {
  const portal = await newPortal();
  await get(portal);
  await deletePortal(store, workspaceId, portal.slug, commandLine);
  expect(await looking.exists(copyKey(portal))).toBe(0);

  const other = await newPortal();
  source = async (url) => {
    await deletePortal(store, workspaceId, other.slug, commandLine);
    return serving('Late')(url);
  };
  expect(await titleOf(other)).toBe('Late');
  expect(await looking.exists(copyKey(other))).toBe(0);
  expect(await attemptKeys(other)).toEqual([]);
});

test('no key name contains the URL', async () => {
  const portal = await newPortal('https://docs.acme.example/openapi.json?token=hunter2');
  await get(portal);
  expect((await looking.keys('*')).join()).not.toContain('hunter2');
});
