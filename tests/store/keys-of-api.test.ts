/** The keys of all users in an API: a list over all partitions, a key by its id, and what the indexes have after a key has ended. */
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { createKey, deleteKey, getKey, rerollKey, updateKey } from '../../src/server/domain/keys/keys.ts';
import { listKeysOfApi } from '../../src/server/domain/keys/keys-of-api.ts';
import { deleteApi } from '../../src/server/domain/portals/apis.ts';
import { removeKeysOfDeletedApis } from '../../src/server/domain/workspaces/removals.ts';
import { authenticateRootKey, createRootKey } from '../../src/server/domain/workspaces/root-keys.ts';
import { keys } from '../../src/server/store/keys.ts';
import { partitionOf, partitionsOf } from '../../src/server/store/partitions.ts';
import { newWorkspace, numbers, openStore, recordKeys, type TestWorkspace, usersOf } from '../support/store.ts';

const opened = await openStore();
const { store, redis, hooks } = opened;
afterAll(opened.stop);
afterEach(() => {
  Object.assign(hooks, { now: undefined, commands: undefined });
});

const graceMs = 30 * 86_400_000;
const missing = (permission: string) => ({
  code: 'unkey/authorization/insufficient_permissions',
  message: expect.stringContaining(permission),
});

let workspace: TestWorkspace;
let workspaceId: string;
let apiId: string;
beforeEach(async () => {
  workspace = await newWorkspace(store);
  workspaceId = workspace.workspaceId;
  apiId = await workspace.newApi('acme');
});

const create = (externalId: string, settings: object = {}) =>
  createKey(store, workspace.rootKey, { apiId, externalId, ...settings }, 1000);
const list = (query: object = {}) => listKeysOfApi(store, workspace.rootKey, { apiId, ...query });
/** The ids on each page of the list. */
async function pages(query: object): Promise<string[][]> {
  const found: string[][] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await list({ ...query, ...(cursor !== undefined && { cursor }) });
    found.push(page.keys.map(({ keyId }) => keyId));
    cursor = page.pagination.cursor;
    if (cursor === undefined) return found;
  }
}

/** All names in Redis, and members of records, that contain this text. */
async function tracesOf(text: string): Promise<string[]> {
  const found: string[] = [];
  for (const [name, key] of await recordKeys(opened, workspaceId)) {
    if (name.includes(text)) found.push(name);
    const isSorted = (await redis.type(key)) === 'zset';
    if (isSorted && (await redis.zRange(key, 0, -1)).some((member) => member.includes(text))) found.push(name);
  }
  return found.map((name) => String(name.split(':')[0])).sort();
}

describe('the list', () => {
  test('has the keys of all partitions in one order, each once, and ends with the last page', async () => {
    const made: { keyId: string; createdAt: number }[] = [];
    for (const i of numbers(45)) {
      const { keyId } = await create(`user ${i}`);
      made.push({ keyId, createdAt: (await getKey(store, workspace.rootKey, keyId)).createdAt });
    }
    expect(new Set(made.map(({ keyId }) => keyId.slice(4, 6))).size).toBeGreaterThan(10);
    const place = ({ keyId, createdAt }: { keyId: string; createdAt: number }) => `${createdAt}:${keyId}`;
    const newestFirst = made.sort((a, b) => (place(a) < place(b) ? 1 : -1)).map(({ keyId }) => keyId);
    for (const limit of [1, 10, 45, 100]) {
      const found = await pages({ limit });
      expect(found.flat()).toEqual(newestFirst);
      expect(found.every((page) => page.length === Math.min(limit, 45) || page === found.at(-1))).toBe(true);
    }
  });

  test('has only keys of the API, and those of one user with their id', async () => {
    const otherApi = await workspace.newApi();
    const { keyId } = await create('user');
    await create('another');
    await createKey(store, workspace.rootKey, { apiId: otherApi, externalId: 'user' }, 10);
    expect((await list()).keys).toHaveLength(2);
    expect((await list({ externalId: 'user' })).keys).toMatchObject([{ keyId, apiId, externalId: 'user' }]);
    expect((await list({ externalId: 'nobody' })).keys).toEqual([]);
  });

  test.each([
    [{ state: 'enabled' }, ['on', 'later']],
    [{ state: 'disabled' }, ['off']],
    [{ state: 'expired' }, ['over']],
    [{ search: 'O' }, ['on', 'off', 'over']],
    [{ search: 'of', state: 'enabled' }, []],
    [{ search: 'other_' }, ['later']],
    [{ search: 'OTHER_' }, []],
  ])('filters by %j', async (filter, names) => {
    const expires = Date.now() + 3_600_000;
    await create('a', { name: 'on' });
    await create('b', { name: 'off', enabled: false });
    const { keyId } = await create('c', { name: 'over' });
    await rerollKey(store, workspace.rootKey, { keyId, overlap: 0 });
    const [fresh] = (await list({ externalId: 'c', state: 'enabled' })).keys;
    await deleteKey(store, workspace.rootKey, String(fresh?.keyId));
    await create('d', { name: 'later', expires, prefix: 'other' });
    const found = (await list(filter)).keys.map(({ name }) => name);
    expect(found.sort()).toEqual([...names].sort());
  });

  test('reads a bounded number of keys for a page that finds nothing', async () => {
    const [user = ''] = usersOf(partitionOf({ workspaceId, externalId: 'user' }), 1);
    await Promise.all(numbers(60).map((i) => create(`${user} ${i}`)));
    const commands = async (query: object) => {
      hooks.commands = 0;
      await list(query);
      return hooks.commands;
    };
    // 64 lists, their rests, and the keys by partition, in two steps.
    expect(await commands({ search: 'nothing' })).toBeLessThan(64 + 64 + 2 * 64 + 10);
    expect(await commands({ search: 'nothing', externalId: user })).toBeLessThan(8);
  });
});

describe('a root key', () => {
  const withPermissions = async (...permissions: string[]) => {
    const { rootKey } = await createRootKey(store, { workspaceId, permissions }, commandLine);
    return authenticateRootKey(store, rootKey);
  };

  test('with permissions on one API can do with its keys what they say, and nothing with those of another', async () => {
    const otherApi = await workspace.newApi();
    const { keyId: foreign } = await createKey(store, workspace.rootKey, { apiId: otherApi, externalId: 'user' }, 10);
    const { keyId } = await create('user');
    const actions = ['create_key', 'read_key', 'update_key', 'delete_key'];
    const rootKey = await withPermissions(...actions.map((action) => `api.${apiId}.${action}`));
    const calls = (id: string, api: string): [string, () => Promise<unknown>][] => [
      ['create_key', () => createKey(store, rootKey, { apiId: api, externalId: 'user' }, 10)],
      ['read_key', () => getKey(store, rootKey, id)],
      ['read_key', () => listKeysOfApi(store, rootKey, { apiId: api })],
      ['update_key', () => updateKey(store, rootKey, id, { name: 'New' }, 10)],
      ['create_key', () => rerollKey(store, rootKey, { keyId: id, overlap: 60_000 })],
      ['delete_key', () => deleteKey(store, rootKey, id)],
    ];
    for (const [action, call] of calls(foreign, otherApi)) {
      await expect(call()).rejects.toMatchObject(missing(`api.${otherApi}.${action}`));
    }
    // It learns nothing about APIs that it has no permission on.
    await expect(createKey(store, rootKey, { apiId: 'api_none', externalId: 'user' }, 10)).rejects.toMatchObject(
      missing('api.api_none.create_key'),
    );
    for (const [, call] of calls(keyId, apiId)) await call();
    expect(await getKey(store, workspace.rootKey, foreign)).toMatchObject({ enabled: true });
  });

  test('of another workspace finds no key, by no id', async () => {
    const { keyId } = await create('user');
    const stranger = await newWorkspace(store);
    for (const id of [keyId, 'key_0012345678901234567890', 'key_99zzzzzzzzzzzzzzzzzzzz', 'key_12345678901234567890']) {
      await expect(getKey(store, stranger.rootKey, id)).rejects.toMatchObject({ code: 'unkey/data/key_not_found' });
    }
  });
});

describe('a managed key', () => {
  test("is its user's to see, and not to change, also if it becomes managed in between", async () => {
    const session = await workspace.enter(await workspace.newPortal({ apiIds: [apiId] }), 'user');
    const managed = { code: 'unkey/authorization/key_managed' };
    const { keyId } = await create('user', { managed: true });
    await expect(updateKey(store, session, keyId, { name: 'Mine' }, 10)).rejects.toMatchObject(managed);
    await expect(rerollKey(store, session, { keyId, overlap: 0 })).rejects.toMatchObject(managed);
    await expect(deleteKey(store, session, keyId)).rejects.toMatchObject(managed);
    for (const act of [
      (id: string) => updateKey(store, session, id, { name: 'Mine' }, 10),
      (id: string) => rerollKey(store, session, { keyId: id, overlap: 0 }),
      (id: string) => deleteKey(store, session, id),
    ]) {
      const own = await create('user');
      // After the reads of the key, and before the write.
      hooks.between = {
        roundTrips: 2,
        step: async () => void (await updateKey(store, workspace.rootKey, own.keyId, { managed: true }, 10)),
      };
      await expect(act(own.keyId)).rejects.toMatchObject(managed);
      expect(await getKey(store, workspace.rootKey, own.keyId)).toMatchObject({ managed: true, enabled: true });
    }
  });

  test('passes that on to its successor', async () => {
    const { keyId } = await create('user', { managed: true });
    const fresh = await rerollKey(store, workspace.rootKey, { keyId, overlap: 0 });
    expect(await getKey(store, workspace.rootKey, fresh.keyId)).toMatchObject({ managed: true });
  });
});

test('a user does not find the key of another user of their partition', async () => {
  const slug = await workspace.newPortal({ apiIds: [apiId] });
  const [one = '', two = ''] = usersOf(partitionOf({ workspaceId, externalId: 'user' }), 2);
  const { keyId } = await create(one);
  const session = await workspace.enter(slug, two);
  await expect(deleteKey(store, session, keyId)).rejects.toMatchObject({ code: 'unkey/data/key_not_found' });
  expect(await store.apiKeys.findMany({ workspaceId, externalId: two }, [keyId])).toEqual([]);
  expect(await store.apiKeys.findMany({ workspaceId, externalId: one }, [keyId])).toHaveLength(1);
});

describe('of a key, the indexes', () => {
  const indexed = ['api-key-order', 'key-id', 'user-key-ends', 'user-key-expiry', 'user-key-order'];

  test('have its id until it is deleted', async () => {
    const { keyId } = await create('user');
    await create('user');
    expect(await tracesOf(keyId)).toEqual(indexed);
    await deleteKey(store, workspace.rootKey, keyId);
    expect(await tracesOf(keyId)).toEqual([]);
  });

  test('have nothing of it after its API is deleted', async () => {
    const { keyId } = await create('user', { expires: Date.now() + 3_600_000 });
    await deleteApi(store, workspaceId, apiId, commandLine);
    await removeKeysOfDeletedApis(store, workspaceId);
    expect(await tracesOf(keyId)).toEqual([]);
    expect(await tracesOf(apiId)).toEqual([]);
  });

  test('name it among those that end while it has an end', async () => {
    const { keyId } = await create('user', { expires: Date.now() + 3_600_000 });
    expect(await tracesOf(keyId)).toEqual([...indexed, 'key-ends'].sort());
    await updateKey(store, workspace.rootKey, keyId, { expires: null }, 10);
    expect(await tracesOf(keyId)).toEqual(indexed);
  });

  /** A key that Redis has removed: its record, and what has the same lifetime. */
  async function gone() {
    const expires = Date.now() + 3_600_000;
    const { keyId } = await create('user', { expires });
    const place = partitionOf({ workspaceId, externalId: 'user' });
    const hash = String(await redis.get(keys.keyId(place, keyId)));
    expect(await redis.pExpireTime(keys.keyId(place, keyId))).toBe(expires + graceMs);
    await redis.del(keys.keyId(place, keyId));
    await redis.del(keys.apiKey(place, hash));
    return { keyId, goneAt: expires + graceMs };
  }
  /** What no key of another user of the API removes, and has the lifetime of the user's last key. */
  const ofUser = ['user-key-ends', 'user-key-expiry', 'user-key-order'];

  test('lose a key that has ended with the next key of its partition', async () => {
    const { keyId, goneAt } = await gone();
    const [, neighbour = ''] = usersOf(partitionOf({ workspaceId, externalId: 'user' }), 2);
    hooks.now = goneAt - 1;
    await create(neighbour);
    expect(await tracesOf(keyId)).toEqual(['api-key-order', 'key-ends', ...ofUser]);
    hooks.now = goneAt;
    await create(neighbour);
    expect(await tracesOf(keyId)).toEqual(ofUser);
  });

  test('lose keys that have ended without any call, however many they are', async () => {
    const { keyId, goneAt } = await gone();
    const place = partitionOf({ workspaceId, externalId: 'user' });
    const many = numbers(250).map((i) => `${String(i).padStart(13, '0')}:key_${i}`);
    await redis.zAdd(
      keys.apiKeyOrder(place, apiId),
      many.map((value) => ({ score: 0, value })),
    );
    await redis.zAdd(
      keys.keyEnds(place),
      many.map((value) => ({ score: goneAt, value: `${value} ${apiId}` })),
    );
    hooks.now = goneAt - 1;
    await store.apiKeys.forgetGone(workspaceId);
    expect(await redis.zCard(keys.keyEnds(place))).toBe(251);
    hooks.now = goneAt;
    await store.apiKeys.forgetGone(workspaceId);
    expect(await tracesOf(keyId)).toEqual(ofUser);
    expect(await redis.exists(keys.apiKeyOrder(place, apiId))).toBe(0);
  });

  test('lose a key that a page does not find', async () => {
    const { keyId } = await gone();
    const stays = await create('user 2');
    expect((await list()).keys.map((key) => key.keyId)).toEqual([stays.keyId]);
    expect(await tracesOf(keyId)).not.toContain('api-key-order');
  });
});

test('an id without a partition, as 0.1.0 has made them, is looked up in all of them', async () => {
  const { keyId } = await create('user');
  const place = partitionOf({ workspaceId, externalId: 'user' });
  const old = 'key_12345678901234567890';
  await redis.rename(keys.keyId(place, keyId), keys.keyId(place, old));
  expect(await getKey(store, workspace.rootKey, old)).toMatchObject({ keyId, externalId: 'user' });
  expect(partitionsOf(workspaceId)).toHaveLength(64);
});
