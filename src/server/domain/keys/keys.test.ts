import { expect, test } from '@jest/globals';
import type { ApiKeyRecord } from '../../store/api-key-record.ts';
import type { Store } from '../../store/index.ts';
import type { VerifiedRootKey } from '../../store/proof.ts';
import type { AuthenticatedSession } from '../sessions/sessions.ts';
import { createKey, deleteKey, rerollKey, shown, updateKey } from './keys.ts';

const permissions = ['api.*.create_key', 'api.*.update_key', 'api.*.delete_key'];
const backend = {
  ...{ rootKeyId: 'rkid_1', workspaceId: 'ws_1', permissions, actor: { type: 'root_key', id: 'rkid_1' } },
} as unknown as VerifiedRootKey;
const user = {
  ref: { workspaceId: 'ws_1' },
  portal: { workspaceId: 'ws_1', apiIds: ['api_1'] },
  grant: { externalId: 'ann', permissions },
  actor: { type: 'user' },
} as unknown as AuthenticatedSession;
const key: ApiKeyRecord = {
  ...{ keyId: 'key_1', apiId: 'api_1', externalId: 'ann', start: 'old_live_abcd', enabled: true },
  ...{ createdAt: 1, updatedAt: 2, byteLength: 24, rerolled: false },
};

/** A store with one key. Its writes end as said, one after the other, and then well. */
function storeOf(outcomes: string[] = [], { record = key, api = { prefix: 'pay' } as object | null } = {}) {
  const writes: string[] = [];
  const write = (name: string) => async () => {
    writes.push(name);
    return outcomes.shift() ?? 'ok';
  };
  const find = async () => ({ record, hash: 'h', text: 't' });
  const store = {
    apis: { find: async () => (api === null ? undefined : { apiId: 'api_1', name: 'API', createdAt: 1, ...api }) },
    userPolicies: { find: async () => ({}) },
    apiKeys: {
      ...{ find, findById: find, create: write('create'), replace: write('replace') },
      ...{ delete: write('delete'), reroll: write('reroll') },
    },
  };
  return { writes, store: store as unknown as Store };
}

const changes: [string, (store: Store, caller: VerifiedRootKey | AuthenticatedSession) => Promise<unknown>][] = [
  ['replace', (store, caller) => updateKey(store, caller, 'key_1', { name: 'N' }, 5)],
  ['delete', (store, caller) => deleteKey(store, caller, 'key_1')],
  ['reroll', (store, caller) => rerollKey(store, caller, { keyId: 'key_1', overlap: 0 })],
];

test.each(changes)('keys are read again if others change them meanwhile: %s', async (name, change) => {
  const { store, writes } = storeOf(['stale']);
  await change(store, backend);
  expect(writes).toEqual([name, name]);
});

test('keys that keep changing are read twenty times', async () => {
  const late = storeOf(Array(19).fill('stale'));
  await deleteKey(late.store, backend, 'key_1');
  expect(late.writes).toHaveLength(20);
  const never = storeOf(Array(99).fill('stale'));
  await expect(deleteKey(never.store, backend, 'key_1')).rejects.toThrow('the key kept changing');
  expect(never.writes).toHaveLength(20);
});

test.each(changes)('keys that are gone at the moment of the change are not found: %s', async (_, change) => {
  await expect(change(storeOf(['not_found']).store, backend)).rejects.toMatchObject({
    code: 'unkey/data/key_not_found',
  });
});

test.each(changes)('keys that a backend manages are not changed by their user: %s', async (name, change) => {
  const record = { ...key, managed: true };
  const { store, writes } = storeOf([], { record });
  await expect(change(store, user)).rejects.toMatchObject({ code: 'unkey/authorization/key_managed' });
  expect(writes).toEqual([]);
  const own = storeOf();
  await change(own.store, user);
  await change(storeOf([], { record }).store, backend);
  expect(own.writes).toEqual([name]);
});

test('keys of an API that was deleted are neither changed nor replaced', async () => {
  const { store, writes } = storeOf([], { api: null });
  const notFound = { code: 'unkey/data/key_not_found' };
  await expect(updateKey(store, backend, 'key_1', { name: 'N' }, 5)).rejects.toMatchObject(notFound);
  await expect(rerollKey(store, backend, { keyId: 'key_1', overlap: 0 })).rejects.toMatchObject(notFound);
  expect(writes).toEqual([]);
});

test('keys beyond the limit are refused with the limit, when they are created and when they live again', async () => {
  const refused = { code: 'unkey/data/key_limit_exceeded', message: expect.stringContaining('5') };
  const { store } = storeOf(['limit_exceeded', 'limit_exceeded']);
  await expect(createKey(store, backend, { apiId: 'api_1', externalId: 'ann' }, 5)).rejects.toMatchObject(refused);
  await expect(updateKey(store, backend, 'key_1', { name: 'N' }, 5)).rejects.toMatchObject(refused);
});

test('keys that were replaced are not replaced again', async () => {
  const retired = { code: 'unkey/data/key_retired' };
  await expect(rerollKey(storeOf(['retired']).store, backend, { keyId: 'key_1', overlap: 0 })).rejects.toMatchObject(
    retired,
  );
  const { store } = storeOf([], { record: { ...key, rerolled: true } });
  await expect(updateKey(store, backend, 'key_1', { name: 'N' }, 5)).rejects.toMatchObject(retired);
});

test.each([
  ['the prefix of the API', 'pay', undefined, 'pay_'],
  ['a prefix of their own', 'pay', 'own', 'own_'],
  ['a prefix of their own alone', undefined, 'own', 'own_'],
])('new keys begin with %s', async (_, ofApi, prefix, start) => {
  const { store } = storeOf([], { api: ofApi === undefined ? {} : { prefix: ofApi } });
  const request = { apiId: 'api_1', externalId: 'ann', ...(prefix !== undefined && { prefix }) };
  const created = await createKey(store, backend, request, 5);
  expect(created).toEqual({
    keyId: expect.stringMatching(/^key_/),
    key: expect.stringMatching(new RegExp(`^${start}[A-Za-z0-9]+$`)),
  });
});

test.each([
  ['one part', 'old_abcd', /^old_[A-Za-z0-9]{20,}$/],
  ['three parts', 'old_live_eu_abcd', /^old_live_eu_[A-Za-z0-9]{20,}$/],
  ['more characters than a prefix can have', 'abcdefghijklmnopqrst_abcd', /^abcdefghijklmnop_[A-Za-z0-9]{20,}$/],
  ['no part', 'abcdefgh', /^pay_[A-Za-z0-9]{20,}$/],
  ['other characters', 'a-b_abcd', /^pay_[A-Za-z0-9]{20,}$/],
  ['a long end', 'old_abcdefghi', /^pay_[A-Za-z0-9]{20,}$/],
])('keys that replace others keep the prefix: %s', async (_, start, pattern) => {
  const { store } = storeOf([], { record: { ...key, start } });
  const { key: plaintext } = await rerollKey(store, backend, { keyId: 'key_1', overlap: 0 });
  expect(plaintext).toMatch(pattern);
});

test('keys are shown with whether a backend manages them, and without what nobody needs', () => {
  const { externalId, rerolled, byteLength, ...rest } = key;
  expect(shown({ ...key, lastUsedAt: 7 })).toStrictEqual({ ...rest, lastUsedAt: 7, managed: false });
  expect(shown({ ...key, managed: true })).toStrictEqual({ ...rest, managed: true });
});
