/** The scopes of an API by its OpenAPI document: the stored catalogue, and the number of keys that carry each scope. */
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { sha256 } from '../../src/server/domain/credentials.ts';
import { getScopes } from '../../src/server/domain/documents/api-scopes.ts';
import { importKeys } from '../../src/server/domain/keys/imports.ts';
import { createKey, deleteKey, rerollKey, updateKey } from '../../src/server/domain/keys/keys.ts';
import { createApi, deleteApi, getApi, updateApi } from '../../src/server/domain/portals/apis.ts';
import { removeKeysOfDeletedApis } from '../../src/server/domain/workspaces/removals.ts';
import { keys } from '../../src/server/store/keys.ts';
import { partitionOf } from '../../src/server/store/partitions.ts';
import { newWorkspace, openStore, recordNames } from '../support/store.ts';

const opened = await openStore();
const { store, redis, hooks, stop } = opened;
afterAll(stop);
afterEach(() => {
  hooks.now = undefined;
});

/** No document is fetched in these tests. */
const access = { fetchDocument: () => Promise.reject(new Error('no document')), maxMib: 2, reportFailure: () => {} };
const scopes = ['read', 'write', 'a b', 'ä,=%'];
const inAnHour = () => Date.now() + 3_600_000;

/** An API with a list of scopes, and two users in different partitions. */
async function inhabited() {
  const workspace = await newWorkspace(store);
  const { workspaceId } = workspace;
  const { apiId } = await createApi(store, workspaceId, { name: 'API', policy: { scopes } }, commandLine);
  const slug = await workspace.newPortal({ apiIds: [apiId] });
  const [one, two] = [await workspace.enter(slug, 'one'), await workspace.enter(slug, 'two')];
  const counts = async () => Object.fromEntries(await store.scopes.counts(workspaceId, apiId));
  const names = async () => (await recordNames(opened, workspaceId)).filter((name) => name.startsWith('scope-'));
  return { ...workspace, apiId, slug, one, two, counts, names };
}

describe('the number of keys that carry a scope', () => {
  test('follows creation, update and deletion, over the partitions, whatever the scope is called', async () => {
    const { one, two, apiId, newKey, counts, names } = await inhabited();
    expect(await counts()).toEqual({});
    const { keyId } = await newKey(one, apiId, { scopes: ['read', 'ä,=%'] });
    const { keyId: second } = await newKey(two, apiId, { scopes: ['read', 'a b'], expires: inAnHour() });
    const { keyId: none } = await newKey(two, apiId);
    expect(await counts()).toEqual({ read: 2, 'ä,=%': 1, 'a b': 1 });
    await updateKey(store, one, keyId, { scopes: ['write'] }, 10);
    await updateKey(store, two, second, { name: 'Renamed', enabled: false }, 10);
    await updateKey(store, two, none, { scopes: ['a b'] }, 10);
    expect(await counts()).toEqual({ read: 1, write: 1, 'a b': 2 });
    await updateKey(store, two, none, { scopes: null }, 10);
    await deleteKey(store, one, keyId);
    expect(await counts()).toEqual({ read: 1, 'a b': 1 });
    await deleteKey(store, two, second);
    expect([await counts(), await names()]).toEqual([{}, []]);
  });

  test('counts a key until the millisecond in which it ends, and again if it gets a later end', async () => {
    const { one, apiId, newKey, counts } = await inhabited();
    const expires = inAnHour();
    const { keyId } = await newKey(one, apiId, { scopes: ['read'], expires });
    await newKey(one, apiId, { scopes: ['read'] });
    hooks.now = expires - 1;
    expect(await counts()).toEqual({ read: 2 });
    hooks.now = expires;
    expect(await counts()).toEqual({ read: 1 });
    await updateKey(store, one, keyId, { name: 'Still over' }, 10);
    expect(await counts()).toEqual({ read: 1 });
    await updateKey(store, one, keyId, { expires: expires + 5 }, 10);
    expect(await counts()).toEqual({ read: 2 });
    await updateKey(store, one, keyId, { expires: null, scopes: ['write'] }, 10);
    hooks.now = expires + 5;
    expect(await counts()).toEqual({ read: 1, write: 1 });
    await deleteKey(store, one, keyId);
    expect(await counts()).toEqual({ read: 1 });
  });

  test('counts both keys of a reroll until the overlap is over', async () => {
    const { one, apiId, newKey, counts } = await inhabited();
    const { keyId } = await newKey(one, apiId, { scopes: ['read'] });
    const at = Date.now();
    hooks.now = at;
    const { keyId: next } = await rerollKey(store, one, { keyId, overlap: 1000 });
    expect(await counts()).toEqual({ read: 2 });
    hooks.now = at + 1000;
    expect(await counts()).toEqual({ read: 1 });
    await rerollKey(store, one, { keyId: next, overlap: 0 });
    expect(await counts()).toEqual({ read: 1 });
    await deleteKey(store, one, keyId);
    await deleteKey(store, one, next);
    expect(await counts()).toEqual({ read: 1 });
  });

  test('counts keys that are imported, once, and those that a backend creates', async () => {
    const { rootKey, apiId, counts } = await inhabited();
    const key = (externalId: string) => ({ externalId, hash: sha256(externalId), start: 'old_', scopes: ['read'] });
    for (const _ of [1, 2]) await importKeys(store, rootKey, { apiId, keys: [key('one'), key('three')] }, 10);
    expect(await counts()).toEqual({ read: 2 });
    await createKey(store, rootKey, { apiId, externalId: 'four', scopes: ['read', 'write'], managed: true }, 10);
    expect(await counts()).toEqual({ read: 3, write: 1 });
  });

  test('is that of one API, and is gone with it', async () => {
    const { one, apiId, workspaceId, newKey, names, counts } = await inhabited();
    await newKey(one, apiId, { scopes: ['read'] });
    await newKey(one, apiId, { scopes: ['read'], expires: inAnHour() });
    expect(await store.scopes.counts(workspaceId, 'api_other')).toEqual(new Map());
    await deleteApi(store, workspaceId, apiId, commandLine);
    await removeKeysOfDeletedApis(store, workspaceId);
    expect([await counts(), await names()]).toEqual([{}, []]);
  });

  test('leaves nothing behind when the last key ends, although nobody reads it', async () => {
    const { one, apiId, workspaceId, newKey } = await inhabited();
    const [first, last] = [inAnHour(), inAnHour() + 1000];
    await newKey(one, apiId, { scopes: ['read'], expires: last });
    await newKey(one, apiId, { scopes: ['read'], expires: first });
    const place = partitionOf({ workspaceId, externalId: 'one' });
    const records = [keys.scopeCounts(place, apiId), keys.scopeEnds(place, apiId)];
    const ends = () => Promise.all(records.map((name) => redis.pExpireTime(name)));
    expect(await ends()).toEqual([last, last]);
    const { keyId } = await newKey(one, apiId, { scopes: ['write'] });
    expect(await ends()).toEqual([-1, -1]);
    await deleteKey(store, one, keyId);
    expect(await ends()).toEqual([last, last]);
  });

  test('takes out keys that have ended in bounded steps, however many there are', async () => {
    const { apiId, workspaceId, counts } = await inhabited();
    const place = partitionOf({ workspaceId, externalId: 'one' });
    const many = 1200;
    await redis.hSet(keys.scopeCounts(place, apiId), { read: String(many + 1), '=': '1' });
    await redis.zAdd(
      keys.scopeEnds(place, apiId),
      Array.from({ length: many }, (_, i) => ({ score: i + 1, value: `key_${i} =read` })),
    );
    hooks.commands = 0;
    expect(await counts()).toEqual({ read: 1 });
    // 63 partitions with one step each, and three in this one.
    expect(hooks.commands).toBe(66);
    hooks.commands = undefined;
  });
});

test('scopes that a list no longer has are gone, with the number of keys that carry them', async () => {
  const { one, two, apiId, workspaceId, newKey } = await inhabited();
  await newKey(one, apiId, { scopes: ['read', 'write'] });
  await newKey(two, apiId, { scopes: ['write'] });
  await updateApi(store, workspaceId, apiId, { policy: { scopes: ['read', 'new'] } }, commandLine);
  expect(await getScopes(store, workspaceId, apiId, access)).toEqual({
    apiId,
    scopes: [
      { scope: 'read', kind: 'list', keys: 1 },
      { scope: 'new', kind: 'list', keys: 0 },
    ],
    gone: [{ scope: 'write', keys: 2 }],
    operations: [],
  });
  const none = await updateApi(store, workspaceId, apiId, { policy: null }, commandLine);
  expect(await getScopes(store, workspaceId, apiId, access)).toMatchObject({
    scopes: [],
    gone: [
      { scope: 'write', keys: 2 },
      { scope: 'read', keys: 1 },
    ],
  });
  expect(await getApi(store, workspaceId, apiId)).toEqual(none);
});
