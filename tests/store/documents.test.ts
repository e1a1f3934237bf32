/** Copies of OpenAPI documents: who fetches, what a late fetch may still write, and which copy is valid. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { deletePortal, getPortal, updatePortal } from '../../src/server/domain/portals/portals.ts';
import { keys } from '../../src/server/store/keys.ts';
import type { DocumentCopy, DocumentSource } from '../../src/server/store/openapi-documents.ts';
import { newWorkspace, openStore, type TestWorkspace } from '../support/store.ts';

const { store, redis, stop } = await openStore();
afterAll(stop);
/** Another process, which caches nothing yet. */
const two = await openStore();
afterAll(two.stop);
const documents = store.openapiDocuments;

let workspace: TestWorkspace;
beforeAll(async () => {
  workspace = await newWorkspace(store);
});

const openapiUrl = 'https://acme.example/openapi.json';
const copy: DocumentCopy = {
  hash: 'hash of the text',
  origins: ['https://api.acme.example'],
  url: `${openapiUrl}?redirected`,
  etag: '"1"',
  fetchedAt: 1_700_000_000_000,
  stale: false,
};
let slug: string;
let source: DocumentSource;
/** The same portal with another URL. */
let other: DocumentSource;
let attempt: string;
let document: string;
beforeEach(async () => {
  const { workspaceId } = workspace;
  slug = await workspace.newPortal({ openapiUrl });
  const { portalId } = await getPortal(store, workspaceId, slug);
  source = { workspaceId, portalId, openapiUrl, urlHash: 'hash of the URL' };
  other = { ...source, openapiUrl: 'https://acme.example/v2.json', urlHash: 'another hash' };
  attempt = keys.openapiAttempt(workspaceId, portalId, source.urlHash);
  document = keys.openapiDocument(workspaceId, portalId);
});
const text = { json: Buffer.from('{"openapi":"3.1.0"}'), scopes: '{"tags":[["Pets"]]}' };
/** Stores a copy with a fetch. */
async function fetched(stored = copy): Promise<DocumentCopy> {
  expect(await documents.begin(source, 'earlier', undefined)).toBe(true);
  await documents.keep(source, 'earlier', stored, text);
  return stored;
}

describe('a fetch', () => {
  test('begins once, until it ends', async () => {
    expect(await documents.find(source)).toEqual({});
    expect(await documents.begin(source, 'one', undefined)).toBe(true);
    expect(await documents.begin(source, 'two', undefined)).toBe(false);
    expect(await documents.find(source)).toEqual({ attempt: { state: 'under_way' } });
    await documents.keep(source, 'one', copy, text);
    expect(await documents.find(source)).toEqual({ copy });
    expect(await documents.begin(source, 'two', copy)).toBe(true);
  });

  test('of one URL does not prevent that of another', async () => {
    expect(await documents.begin(source, 'one', undefined)).toBe(true);
    expect(await documents.begin(other, 'two', undefined)).toBe(true);
    expect(await documents.find(other)).toEqual({ attempt: { state: 'under_way' } });
  });

  test('does not begin for a caller that read the copy before the last fetch ended', async () => {
    const stored = await fetched();
    expect(await documents.begin(source, 'late', undefined)).toBe(false);
    expect(await documents.begin(source, 'late', { ...stored, fetchedAt: 1 })).toBe(false);
    expect(await redis.exists(attempt)).toBe(0);
    expect(await documents.begin(source, 'due', stored)).toBe(true);
  });

  test('begins for a caller without a copy of its URL, although there is one of another', async () => {
    const stored = await fetched();
    expect(await documents.begin(other, 'one', stored)).toBe(false);
    expect(await documents.begin(other, 'one', undefined)).toBe(true);
  });

  test('that fails prevents the next, names the reason and marks the copy as stale', async () => {
    const stored = await fetched();
    await documents.begin(source, 'one', stored);
    await documents.fail(source, 'one', 'it timed out');
    expect(await documents.find(source)).toEqual({
      copy: { ...stored, stale: true },
      attempt: { state: 'failed', reason: 'it timed out' },
    });
    expect(await documents.begin(source, 'two', stored)).toBe(false);
  });

  test('that fails without a copy leaves none', async () => {
    await documents.begin(source, 'one', undefined);
    await documents.fail(source, 'one', 'it timed out');
    expect(await documents.find(source)).toEqual({ attempt: { state: 'failed', reason: 'it timed out' } });
    expect(await redis.exists(document)).toBe(0);
  });

  test('of another URL that fails does not mark the copy as stale', async () => {
    const stored = await fetched();
    await documents.begin(other, 'one', undefined);
    await documents.fail(other, 'one', 'it timed out');
    expect(await documents.find(source)).toEqual({ copy: stored });
  });
});

test.each(['under way', 'failed'])(
  'an attempt that is %s ends soon, although the clock of Redis went back',
  async (state) => {
    await documents.begin(source, 'one', undefined);
    if (state === 'failed') await documents.fail(source, 'one', 'it cannot be reached');
    expect((await documents.find(source)).attempt).toBeDefined();
    // As if the clock had gone back by a day since the attempt.
    await redis.expire(attempt, 86_400);
    expect((await documents.find(source)).attempt).toBeUndefined();
    expect(await documents.begin(source, 'two', undefined)).toBe(true);
    expect(await redis.ttl(attempt)).toBeLessThanOrEqual(25);
  },
);

describe('a fetch that took longer than its marker lives', () => {
  test('and fails, leaves the next attempt and the copy alone', async () => {
    const stored = await fetched();
    await documents.begin(source, 'slow', stored);
    await redis.del(attempt);
    await documents.begin(source, 'next', stored);
    await documents.fail(source, 'slow', 'it timed out');
    expect(await documents.find(source)).toEqual({ copy: stored, attempt: { state: 'under_way' } });
  });

  test('and succeeds, stores the copy, but the next attempt goes on', async () => {
    await documents.begin(source, 'slow', undefined);
    await redis.del(attempt);
    await documents.begin(source, 'next', undefined);
    await documents.keep(source, 'slow', copy, text);
    expect(await documents.find(source)).toEqual({ copy, attempt: { state: 'under_way' } });
  });
});

describe('a copy', () => {
  test('has no ETag if its server sent none, and replaces the whole of an older copy', async () => {
    await fetched();
    const { etag: _, ...plain } = copy;
    await documents.keep(source, 'earlier', { ...plain, stale: true, origins: [] }, text);
    expect(await documents.find(source)).toEqual({ copy: { ...plain, stale: true, origins: [] } });
  });

  test('is valid for its URL only', async () => {
    await fetched();
    expect(await documents.find(other)).toEqual({});
    expect(await documents.origins(source)).toEqual(['https://api.acme.example']);
    expect(await documents.origins(other)).toEqual([]);
  });

  test('has what it offers as scopes, also after a fetch that found it unchanged, until another one replaces it', async () => {
    const stored = await fetched();
    await documents.begin(source, 'again', stored);
    await documents.keep(source, 'again', { ...stored, fetchedAt: stored.fetchedAt + 1 }, undefined);
    expect(await documents.scopes(source, stored.hash)).toBe(text.scopes);
    await documents.keep(source, 'later', { ...stored, hash: 'another' }, { ...text, scopes: '{}' });
    expect(await documents.scopes(source, stored.hash)).toBeUndefined();
    expect(await documents.scopes(source, 'another')).toBe('{}');
  });

  test('has its text for every process, until another one replaces it', async () => {
    const stored = await fetched();
    const next = Buffer.from('{"openapi":"3.1.1"}');
    await documents.keep(source, 'later', { ...stored, hash: 'another' }, { ...text, json: next });
    expect(await two.store.openapiDocuments.json(source, 'another')).toEqual(next);
    expect(await two.store.openapiDocuments.json(source, stored.hash)).toBeUndefined();
  });

  test.each([
    ['has another URL', () => updatePortal(store, workspace.workspaceId, slug, other, commandLine)],
    ['has none', () => updatePortal(store, workspace.workspaceId, slug, { openapiUrl: null }, commandLine)],
    ['is deleted', () => deletePortal(store, workspace.workspaceId, slug, commandLine)],
  ])('is not stored if the portal %s by then, and the attempt ends', async (_, change) => {
    await documents.begin(source, 'one', undefined);
    await change();
    await documents.keep(source, 'one', copy, text);
    expect(await documents.find(source)).toEqual({});
    expect(await redis.exists([document, attempt])).toBe(0);
  });
});
