/** Two changes of one API key at the same time. Each test holds the window between the read and the write open. */
import { afterAll, expect, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { listKeys } from '../../src/server/domain/keys/key-list.ts';
import { createKey, deleteKey, rerollKey, updateKey } from '../../src/server/domain/keys/keys.ts';
import { deleteApi } from '../../src/server/domain/portals/apis.ts';
import { verifyKey } from '../../src/server/domain/usage/usage.ts';
import { interrupted, newWorkspace, openStore } from '../support/store.ts';

const { store, hooks, stop } = await openStore();
afterAll(stop);

const notFound = { code: 'unkey/data/key_not_found' };
const noApi = { code: 'unkey/data/api_not_found' };
const maxKeys = 3;

/** A user with a key. */
async function userWithKey() {
  const workspace = await newWorkspace(store);
  const apiId = await workspace.newApi();
  const session = await workspace.enter(await workspace.newPortal({ apiIds: [apiId] }), 'user');
  return { ...workspace, apiId, session, ...(await workspace.newKey(session, apiId)) };
}

const rename = async (settings: Awaited<ReturnType<typeof userWithKey>>) =>
  updateKey(store, settings.session, settings.keyId, { name: 'In between' }, maxKeys);

test('updateKey starts again from what it is now', async () => {
  const settings = await userWithKey();
  const { session, keyId } = settings;
  const racing = interrupted(store, 'apiKeys', 'replace', () => rename(settings));
  expect(await updateKey(racing, session, keyId, { enabled: false }, maxKeys)).toMatchObject({
    name: 'In between',
    enabled: false,
  });
});

test('rerollKey starts again from what it is now', async () => {
  const settings = await userWithKey();
  const { session, keyId } = settings;
  const racing = interrupted(store, 'apiKeys', 'reroll', () => rename(settings));
  await rerollKey(racing, session, { keyId, overlap: 0 });
  expect((await listKeys(store, session, {})).keys[0]).toMatchObject({ name: 'In between' });
});

test('a verification in between is no change, and its time stays', async () => {
  const { session, keyId, key, rootKey } = await userWithKey();
  const usedAt = Date.now();
  let verifications = 0;
  const racing = interrupted(store, 'apiKeys', 'replace', async () => {
    hooks.now = usedAt;
    verifications += 1;
    await verifyKey(store, rootKey, { key });
    hooks.now = undefined;
  });
  expect(await updateKey(racing, session, keyId, { name: 'Named' }, maxKeys)).toMatchObject({ name: 'Named' });
  expect((await listKeys(store, session, {})).keys).toMatchObject([{ keyId, name: 'Named', lastUsedAt: usedAt }]);
  expect(verifications).toBe(1);
});

test.each(['replace', 'reroll', 'delete'] as const)('%s of a key that is deleted in between', async (method) => {
  const { session, keyId } = await userWithKey();
  const racing = interrupted(store, 'apiKeys', method, () => deleteKey(store, session, keyId));
  const changes = {
    replace: () => updateKey(racing, session, keyId, { name: 'New' }, maxKeys),
    reroll: () => rerollKey(racing, session, { keyId, overlap: 0 }),
    delete: () => deleteKey(racing, session, keyId),
  };
  await expect(changes[method]()).rejects.toMatchObject(notFound);
});

test('a key that keeps changing is given up after 20 attempts', async () => {
  const { session, keyId } = await userWithKey();
  let attempts = 0;
  const replace = async () => {
    attempts += 1;
    return 'stale' as const;
  };
  const busy = { ...store, apiKeys: { ...store.apiKeys, replace } };
  await expect(updateKey(busy, session, keyId, { name: 'New' }, maxKeys)).rejects.toThrow('kept changing');
  expect(attempts).toBe(20);
});

test('of two createKey at one below the limit, one succeeds', async () => {
  const { session, apiId } = await userWithKey();
  const create = (on = store) => createKey(on, session, { apiId }, 2);
  const racing = interrupted(store, 'apiKeys', 'create', () => create());
  await expect(create(racing)).rejects.toMatchObject({ code: 'unkey/data/key_limit_exceeded' });
  expect((await listKeys(store, session, {})).keys).toHaveLength(2);
});

test.each([0, 3_600_000])('of two rerolls with an overlap of %s ms, one succeeds', async (overlap) => {
  const { session, keyId } = await userWithKey();
  const reroll = (on = store) => rerollKey(on, session, { keyId, overlap });
  const racing = interrupted(store, 'apiKeys', 'reroll', () => reroll());
  await expect(reroll(racing)).rejects.toMatchObject({ code: 'unkey/data/key_retired' });
  expect((await listKeys(store, session, {})).keys).toHaveLength(2);
});

test('createKey and rerollKey in an API that is deleted in between', async () => {
  const { session, keyId, apiId, workspaceId } = await userWithKey();
  const drop = () => deleteApi(store, workspaceId, apiId, commandLine);
  const racing = interrupted(store, 'apiKeys', 'create', drop);
  await expect(createKey(racing, session, { apiId }, 100)).rejects.toMatchObject(noApi);
  await expect(rerollKey(store, session, { keyId, overlap: 0 })).rejects.toMatchObject(notFound);
});
