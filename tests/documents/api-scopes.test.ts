/** The scopes of an API by the document of a portal: with a real Redis, and a source that the test controls. */
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import {
  currentCatalogue,
  getScopes,
  operationNeeds,
  readNewSource,
} from '../../src/server/domain/documents/api-scopes.ts';
import { updateKey } from '../../src/server/domain/keys/keys.ts';
import { createApi, deleteApi, findApi, getApi, updateApi } from '../../src/server/domain/portals/apis.ts';
import { deletePortal, updatePortal } from '../../src/server/domain/portals/portals.ts';
import { verifyKey, verifyKeys } from '../../src/server/domain/usage/usage.ts';
import { DocumentUnavailable } from '../../src/server/outbound/document-unavailable.ts';
import { keys } from '../../src/server/store/keys.ts';
import { bytesIn, contentsOf, interrupted, newWorkspace, openStore, quotaIn } from '../support/store.ts';

const opened = await openStore();
const { store, redis, hooks, stop } = opened;
afterAll(stop);

/** What the source serves next: the names of its tags, or why it is unavailable; and how often it was asked. */
let tags: string[] | Error = [];
let fetches = 0;
const reported: unknown[] = [];
const access = {
  async fetchDocument(url: string) {
    fetches++;
    if (tags instanceof Error) throw tags;
    const paths = Object.fromEntries(
      tags.map((tag) => [`/${tag}`, { get: { operationId: `get${tag}`, tags: [tag] } }]),
    );
    return { text: JSON.stringify({ openapi: '3.1.0', info: { title: 'Acme' }, paths }), url };
  },
  maxMib: 2,
  reportFailure: (error: unknown) => reported.push(error),
};
const dead = new DocumentUnavailable('its server cannot be reached');
const openapiUrl = 'https://docs.acme.example/openapi.json';
beforeEach(() => {
  tags = ['Pets'];
  fetches = 0;
  reported.length = 0;
});

const needsOf = (operationId: string, location = 'body.operationId') =>
  operationNeeds(store, access, operationId, location);

/** An API with the tags of a document as its scopes. */
async function documented(settings: object = {}) {
  const workspace = await newWorkspace(store);
  const { workspaceId } = workspace;
  const source = await workspace.newPortal({ openapiUrl });
  const scopeSource = { portal: source, kinds: ['tags' as const] };
  const { apiId } = await createApi(store, workspaceId, { name: 'API', scopeSource, ...settings }, commandLine);
  const portalId = String((await getApi(store, workspaceId, apiId)).scopeSource?.portalId);
  await readNewSource(store, workspaceId, apiId, access);
  /** The copy is old enough to be fetched again, and no failure prevents that. */
  const age = async () => {
    await redis.hSet(keys.openapiDocument(workspaceId, portalId), 'fetchedAt', String(Date.now() - 6 * 60_000));
    for (const attempt of await redis.keys(keys.openapiAttempt(workspaceId, portalId, '*'))) await redis.del(attempt);
  };
  /** The source serves something else, and the copy is old. */
  const change = (next: typeof tags) => {
    tags = next;
    return age();
  };
  const scopes = async () => getScopes(store, workspaceId, apiId, access);
  const needs = async (operationId: string) =>
    needsOf(operationId)(workspaceId, await findApi(store, workspaceId, apiId), true);
  return { ...workspace, source, apiId, portalId, age, change, scopes, needs };
}

const named = (list: { scope: string }[]) => list.map(({ scope }) => scope);

describe('the catalogue', () => {
  test('is stored with the source, and read from Redis once by a process', async () => {
    const { scopes, needs, workspaceId, apiId } = await documented();
    expect(fetches).toBe(1);
    expect(await scopes()).toEqual({
      apiId,
      document: { state: 'current', fetchedAt: expect.any(Number), omittedScopes: 0, omittedOperations: 0 },
      scopes: [{ scope: 'Pets', kind: 'tags', keys: 0 }],
      gone: [],
      operations: [{ operationId: 'getPets', anyOf: [['Pets']] }],
    });
    const api = await findApi(store, workspaceId, apiId);
    // The first use looks at the document after the response.
    await needsOf('getPets')(workspaceId, api, false);
    hooks.commands = 0;
    expect(needsOf('getPets')(workspaceId, api, false)).toEqual([['Pets']]);
    expect(hooks.commands).toBe(0);
    hooks.commands = undefined;
    expect([await needs('getPets'), fetches]).toEqual([[['Pets']], 1]);
    // The hash is no business of callers.
    expect(await getApi(store, workspaceId, apiId)).not.toHaveProperty('catalogue');
  });

  test('follows the document, and an unchanged document changes nothing', async () => {
    const { scopes, change, workspaceId, apiId } = await documented();
    const first = await findApi(store, workspaceId, apiId);
    await change(['Pets']);
    await scopes();
    expect([await findApi(store, workspaceId, apiId), fetches]).toEqual([first, 2]);
    await change(['Pets', 'Shops']);
    expect(named((await scopes()).scopes)).toEqual(['Pets', 'Shops']);
    expect((await findApi(store, workspaceId, apiId)).catalogue).not.toBe(first.catalogue);
  });

  test('is looked at again by a process that uses it, after the response, once a minute', async () => {
    const { change, workspaceId, apiId } = await documented();
    const offered = async () => {
      const api = await findApi(store, workspaceId, apiId);
      return named((await currentCatalogue(store, workspaceId, api, access))?.scopes ?? []);
    };
    await change(['Shops']);
    expect(await offered()).toEqual(['Pets']);
    while ((await offered())[0] !== 'Shops') await new Promise(setImmediate);
    await change(['Later']);
    expect([await offered(), fetches, reported]).toEqual([['Shops'], 2, []]);
  });

  test('has an operation as soon as the document has it, and names none that it has not', async () => {
    const { needs, change, workspaceId, apiId } = await documented();
    await change(['Pets', 'Shops']);
    const api = await findApi(store, workspaceId, apiId);
    expect(needsOf('getShops')(workspaceId, api, false)).toBeUndefined();
    expect(await needs('getShops')).toEqual([['Shops']]);
    const refused = { code: 'unkey/application/invalid_input', failures: [{ location: 'body.operationId' }] };
    for (let i = 0; i < 3; i++) await expect(needs('toString')).rejects.toMatchObject(refused);
    // A copy of less than ten seconds is new enough.
    expect(fetches).toBe(2);
  });

  test.each<[string, string, (at: Awaited<ReturnType<typeof documented>>) => Promise<unknown>]>([
    [
      'the portal is deleted',
      'no_portal',
      ({ workspaceId, source }) => deletePortal(store, workspaceId, source, commandLine),
    ],
    [
      'the portal loses its document',
      'no_document',
      ({ workspaceId, source }) => updatePortal(store, workspaceId, source, { openapiUrl: null }, commandLine),
    ],
    [
      'the portal gets one that is unavailable',
      'unavailable',
      ({ workspaceId, source }) => {
        tags = dead;
        return updatePortal(store, workspaceId, source, { openapiUrl: `${openapiUrl}.yaml` }, commandLine);
      },
    ],
    ['the document becomes unavailable', 'stale', ({ change }) => change(dead)],
  ])('stays if %s', async (_, state, act) => {
    const at = await documented();
    await act(at);
    expect(await at.scopes()).toMatchObject({ document: { state }, scopes: [{ scope: 'Pets' }] });
    expect(await at.needs('getPets')).toEqual([['Pets']]);
    await expect(at.needs('getShops')).rejects.toMatchObject({ code: 'unkey/application/invalid_input' });
  });

  test('of a document that was never available is empty, until it is', async () => {
    tags = dead;
    const { scopes, change } = await documented();
    expect(await scopes()).toMatchObject({ document: { state: 'unavailable' }, scopes: [], operations: [] });
    await change(['Pets']);
    expect(await scopes()).toMatchObject({ document: { state: 'current' }, scopes: [{ scope: 'Pets' }] });
  });

  test('goes with its source and its API, also from the quota', async () => {
    const { workspaceId, apiId, source } = await documented();
    const catalogues = () => redis.hGetAll(keys.scopeCatalogues(workspaceId));
    const isExact = async () => {
      const contents = await contentsOf(opened, workspaceId);
      return quotaIn(contents) === bytesIn(contents);
    };
    expect([Object.keys(await catalogues()), await isExact()]).toEqual([[apiId], true]);
    await updateApi(store, workspaceId, apiId, { name: 'Another' }, commandLine);
    expect([Object.keys(await catalogues()), await isExact()]).toEqual([[apiId], true]);
    await updateApi(store, workspaceId, apiId, { scopeSource: null }, commandLine);
    expect([await catalogues(), await isExact()]).toEqual([{}, true]);
    await updateApi(store, workspaceId, apiId, { scopeSource: { portal: source, kinds: ['operations'] } }, commandLine);
    await readNewSource(store, workspaceId, apiId, access);
    expect(named((await getScopes(store, workspaceId, apiId, access)).scopes)).toEqual(['getPets']);
    expect(await isExact()).toBe(true);
    await deleteApi(store, workspaceId, apiId, commandLine);
    expect([await catalogues(), await isExact()]).toEqual([{}, true]);
  });
});

describe('a document that changes', () => {
  test('takes no scope from a key: what is gone is counted, and the key can keep it', async () => {
    const { newKey, enter, newPortal, apiId, scopes, change } = await documented();
    const session = await enter(await newPortal({ apiIds: [apiId] }), 'user');
    const { keyId } = await newKey(session, apiId, { scopes: ['Pets'] });
    await change(['Shops']);
    expect(await scopes()).toMatchObject({
      scopes: [{ scope: 'Shops', keys: 0 }],
      gone: [{ scope: 'Pets', keys: 1 }],
    });
    await updateKey(store, session, keyId, { scopes: ['Pets', 'Shops'] }, 10);
    await expect(newKey(session, apiId, { scopes: ['Pets'] })).rejects.toMatchObject({
      code: 'unkey/application/invalid_input',
      failures: [{ location: 'body.scopes[0]' }],
    });
    expect(await scopes()).toMatchObject({ scopes: [{ scope: 'Shops', keys: 1 }], gone: [{ scope: 'Pets', keys: 1 }] });
    await change(['Pets', 'Shops']);
    expect(await scopes()).toMatchObject({
      scopes: [
        { scope: 'Pets', keys: 1 },
        { scope: 'Shops', keys: 1 },
      ],
      gone: [],
    });
  });

  test('while keys are created loses no key from the counts', async () => {
    const { newKey, enter, newPortal, apiId, scopes, change } = await documented();
    const slug = await newPortal({ apiIds: [apiId] });
    const sessions = await Promise.all(['a', 'b', 'c'].map((user) => enter(slug, user)));
    let created = 0;
    const creating = sessions.map(async (session) => {
      for (let i = 0; i < 8; i++) {
        await newKey(session, apiId, { scopes: ['Pets'] }).then(
          () => created++,
          (error) => expect(error).toMatchObject({ code: 'unkey/application/invalid_input' }),
        );
      }
    });
    for (const next of [['Shops'], ['Pets'], ['Shops']]) {
      await change(next);
      await scopes();
    }
    await Promise.all(creating);
    const { scopes: offered, gone } = await scopes();
    expect([...offered, ...gone].find(({ scope }) => scope === 'Pets')?.keys ?? 0).toBe(created);
    expect(created).toBeGreaterThan(0);
  });

  test('while its API changes keeps both changes', async () => {
    const { workspaceId, apiId, change } = await documented();
    await change(['Shops']);
    const racing = interrupted(store, 'scopes', 'keep', () =>
      updateApi(store, workspaceId, apiId, { name: 'In between' }, commandLine),
    );
    expect(named((await getScopes(racing, workspaceId, apiId, access)).scopes)).toEqual(['Shops']);
    expect(await getApi(store, workspaceId, apiId)).toMatchObject({ name: 'In between' });
  });

  test.each<[string, (workspaceId: string, apiId: string) => Promise<unknown>]>([
    ['loses its source', (ws, apiId) => updateApi(store, ws, apiId, { scopeSource: null }, commandLine)],
    ['is deleted', (ws, apiId) => deleteApi(store, ws, apiId, commandLine)],
  ])('leaves nothing behind if its API %s meanwhile', async (_, act) => {
    const { workspaceId, apiId, change } = await documented();
    await change(['Shops']);
    const racing = interrupted(store, 'scopes', 'keep', () => act(workspaceId, apiId));
    await getScopes(racing, workspaceId, apiId, access);
    expect(await redis.exists(keys.scopeCatalogues(workspaceId))).toBe(0);
  });
});

test('the policy of the API bounds what a document offers', async () => {
  tags = ['Pets', 'Shops'];
  const { scopes, newKey, enter, newPortal, apiId } = await documented({ policy: { scopes: ['Shops', 'Cars'] } });
  expect(named((await scopes()).scopes)).toEqual(['Shops']);
  const session = await enter(await newPortal({ apiIds: [apiId] }), 'user');
  await newKey(session, apiId, { scopes: ['Shops'] });
  for (const scope of ['Pets', 'Cars'])
    await expect(newKey(session, apiId, { scopes: [scope] })).rejects.toMatchObject({ status: 400 });
  expect((await scopes()).scopes).toEqual([{ scope: 'Shops', kind: 'tags', keys: 1 }]);
});

test('a portal of another workspace, an unknown one, and one without a document are refused as the source', async () => {
  const { workspaceId, source, newPortal } = await documented();
  const other = await newWorkspace(store);
  const from = (portal: string, into = workspaceId) =>
    createApi(store, into, { name: 'API', scopeSource: { portal, kinds: ['tags'] } }, commandLine);
  const refused = { failures: [{ location: 'body.scopeSource.portal' }] };
  await expect(from(source, other.workspaceId)).rejects.toMatchObject(refused);
  await expect(from('portal_neverWas0000000000')).rejects.toMatchObject(refused);
  await expect(from(await newPortal())).rejects.toMatchObject(refused);
});

describe('a verification by operation', () => {
  const refusal = (location: string) => ({ code: 'unkey/application/invalid_input', failures: [{ location }] });

  /** A user with keys in an API with a document and in one without. */
  async function withKeys() {
    const at = await documented();
    const { workspaceId, apiId, rootKey } = at;
    const { apiId: listed } = await createApi(
      store,
      workspaceId,
      { name: 'List', policy: { scopes: ['Pets'] } },
      commandLine,
    );
    const session = await at.enter(await at.newPortal({ apiIds: [apiId, listed] }), 'user');
    const [{ key }, { key: bare }, { key: other }] = [
      await at.newKey(session, apiId, { scopes: ['Pets'] }),
      await at.newKey(session, apiId),
      await at.newKey(session, listed, { scopes: ['Pets'] }),
    ];
    const verify = async (body: Parameters<typeof verifyKey>[2]) =>
      (await verifyKey(store, rootKey, body, needsOf)).code;
    return { ...at, session, key, bare, other, verify };
  }

  test('decides by the scopes of the key, whichever API was used last', async () => {
    const { key, bare, other, verify } = await withKeys();
    expect(await verify({ key: other, scopes: ['Pets'] })).toBe('VALID');
    expect(await verify({ key, operationId: 'getPets' })).toBe('VALID');
    expect(await verify({ key: other, scopes: ['Pets'] })).toBe('VALID');
    expect(await verify({ key: bare, operationId: 'getPets' })).toBe('INSUFFICIENT_PERMISSIONS');
    expect(await verify({ key: 'no_such_key', operationId: 'getPets' })).toBe('NOT_FOUND');
  });

  test('is one round trip after the first one', async () => {
    const { key, verify, scopes } = await withKeys();
    await verify({ key, operationId: 'getPets' });
    // Takes longer than the look at the document after that response.
    await scopes();
    hooks.commands = 0;
    expect(await verify({ key, operationId: 'getPets' })).toBe('VALID');
    expect(hooks.commands).toBe(1);
    hooks.commands = undefined;
  });

  test('refuses an unknown operation, an API without a document, and scopes beside it', async () => {
    const { key, other, verify, rootKey } = await withKeys();
    for (let i = 0; i < 2; i++) {
      await expect(verify({ key, operationId: 'getCars' })).rejects.toMatchObject(refusal('body.operationId'));
      await expect(verify({ key: other, operationId: 'getPets' })).rejects.toMatchObject(refusal('body.operationId'));
    }
    const both = { key, operationId: 'getPets', scopes: ['Pets'] };
    await expect(verify(both)).rejects.toMatchObject(refusal('body.operationId'));
    const several = [
      { key, operationId: 'getPets' },
      { key, operationId: 'getCars' },
    ];
    await expect(verifyKeys(store, rootKey, several, needsOf)).rejects.toMatchObject(
      refusal('body.keys[1].operationId'),
    );
    const good = [several[0], { key: other, scopes: ['Pets'] }] as typeof several;
    expect((await verifyKeys(store, rootKey, good, needsOf)).map(({ code }) => code)).toEqual(['VALID', 'VALID']);
  });

  test('follows the document, and scopes that are gone still verify', async () => {
    const { key, verify, change, scopes, session, apiId, newKey } = await withKeys();
    await verify({ key, operationId: 'getPets' });
    await change(['Shops']);
    await scopes();
    expect(await verify({ key, scopes: ['Pets'] })).toBe('VALID');
    expect(await verify({ key, operationId: 'getShops' })).toBe('INSUFFICIENT_PERMISSIONS');
    await expect(verify({ key, operationId: 'getPets' })).rejects.toMatchObject({ status: 400 });
    const { key: next } = await newKey(session, apiId, { scopes: ['Shops'] });
    expect(await verify({ key: next, operationId: 'getShops' })).toBe('VALID');
  });
});
