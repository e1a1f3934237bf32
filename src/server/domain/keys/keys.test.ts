import { expect, test } from '@jest/globals';
import type { ApiKeyRecord } from '../../store/api-key-record.ts';
import type { Store } from '../../store/index.ts';
import { partitionOf, partitionsOf } from '../../store/partitions.ts';
import type { VerifiedRootKey } from '../../store/proof.ts';
import { sha256 } from '../credentials.ts';
import type { AuthenticatedSession } from '../sessions/sessions.ts';
import { createKey, deleteKey, rerollKey, shown, updateKey } from './keys.ts';

const permissions = ['api.*.create_key', 'api.*.update_key', 'api.*.delete_key'];
const backend = {
  ...{ rootKeyId: 'rkid_1', workspaceId: 'ws_1', permissions, actor: { type: 'root_key', id: 'rkid_1' } },
} as unknown as VerifiedRootKey;
const user = {
  ...{ ref: { workspaceId: 'ws_1' }, handle: 'sess_1', expiresAt: 9 },
  portal: { workspaceId: 'ws_1', apiIds: ['api_1'] },
  grant: { externalId: 'ann', permissions },
  actor: { type: 'user' },
} as unknown as AuthenticatedSession;
const key: ApiKeyRecord = {
  ...{ keyId: 'key_1', apiId: 'api_1', externalId: 'ann', start: 'old_live_abcd', enabled: true },
  ...{ createdAt: 1, updatedAt: 2, byteLength: 24, rerolled: false },
};

/** A store with one key. Its writes end as said, one after the other, and then well. It notes what it was asked. */
function storeOf(
  outcomes: unknown[] = [],
  {
    record = key as ApiKeyRecord | null,
    api = { prefix: 'pay' } as object | null,
    response = undefined as unknown,
  } = {},
) {
  const writes: string[] = [];
  const sent: unknown[][] = [];
  const policiesOf: unknown[] = [];
  const places: unknown[] = [];
  const write =
    (name: string) =>
    async (...args: unknown[]) => {
      writes.push(name);
      sent.push(args);
      return outcomes.shift() ?? 'ok';
    };
  const find = async () => (record === null ? undefined : { record, hash: 'h', text: 't' });
  const store = {
    apis: { find: async () => (api === null ? undefined : { apiId: 'api_1', name: 'API', createdAt: 1, ...api }) },
    userPolicies: { find: async (owner: unknown) => void policiesOf.push(owner) },
    idempotency: {
      find: async (_: unknown, place: unknown) => {
        places.push(place);
        return response;
      },
    },
    apiKeys: {
      ...{ find, findById: find, create: write('create'), replace: write('replace') },
      ...{ delete: write('delete'), reroll: write('reroll') },
    },
  };
  return { writes, sent, policiesOf, places, store: store as unknown as Store };
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

const owner = { workspaceId: 'ws_1', externalId: 'ann' };
const place = partitionOf(owner);
const now = expect.any(Number);

test.each([
  ['a backend, for the user that it names', backend],
  ['a user, for themselves', user],
])('keys are created with all that their record has, by %s', async (_, caller) => {
  const { store, sent, policiesOf } = storeOf();
  const more = caller === backend ? { externalId: 'ann' } : { externalId: 'bob' };
  const begun = Date.now();
  const { keyId, key: plaintext } = await createKey(store, caller, { apiId: 'api_1', ...more, name: 'N' }, 5);
  const record = {
    ...{ keyId, apiId: 'api_1', externalId: 'ann', start: plaintext.slice(0, 'pay_'.length + 4), byteLength: 24 },
    ...{ enabled: true, rerolled: false, createdAt: now, updatedAt: now, name: 'N' },
  };
  expect(sent).toEqual([[expect.objectContaining({ proof: caller }), record, sha256(plaintext), 5, undefined]]);
  const written = sent[0]?.[1] as ApiKeyRecord | undefined;
  expect([Number(written?.createdAt) >= begun, written?.updatedAt]).toEqual([true, written?.createdAt]);
  expect(policiesOf).toEqual([owner]);
  expect(keyId.slice(4, 6)).toBe(String(place.partition).padStart(2, '0'));
});

test('keys are refused with all that is wrong with them, and are not written', async () => {
  const { store, writes } = storeOf();
  const locations = (...some: string[]) => ({
    failures: some.map((one) => expect.objectContaining({ location: one })),
  });
  const wrong = { apiId: 'api_1', expires: 1 };
  const refused = locations('body.externalId', 'body.expires');
  await expect(createKey(store, backend, { ...wrong, externalId: 'a\0b' }, 5)).rejects.toMatchObject(refused);
  await expect(createKey(store, user, wrong, 5)).rejects.toMatchObject(locations('body.expires'));
  await expect(updateKey(store, backend, 'key_1', { expires: 1 }, 5)).rejects.toMatchObject(locations('body.expires'));
  expect(writes).toEqual([]);
});

test('keys are changed in what is sent and in their time, and are returned', async () => {
  const { store, sent, policiesOf } = storeOf();
  const updated = { ...key, name: 'N', updatedAt: now };
  const found = { record: key, hash: 'h', text: 't' };
  const returned = await updateKey(store, backend, 'key_1', { name: 'N' }, 5);
  expect([returned, sent]).toEqual([updated, [[expect.objectContaining({ proof: backend }), found, updated, 5]]]);
  expect(Date.now() - returned.updatedAt).toBeLessThan(60_000);
  expect(policiesOf).toEqual([owner]);
  expect(await deleteKey(store, backend, 'key_1')).toBeUndefined();
});

test('keys that replace others have their settings, and name them', async () => {
  const { store, sent } = storeOf([], { record: { ...key, name: 'N', lastUsedAt: 7 } });
  const { keyId, key: plaintext } = await rerollKey(store, backend, { keyId: 'key_1', overlap: 60 });
  const start = plaintext.slice(0, 'old_live_'.length + 4);
  const successor = { ...key, name: 'N', keyId, start, createdAt: now, replaces: 'key_1' };
  expect(sent).toEqual([
    [expect.anything(), expect.objectContaining({ hash: 'h' }), successor, sha256(plaintext), 60, undefined],
  ]);
  expect(keyId).not.toBe('key_1');
  expect(keyId.slice(4, 6)).toBe(String(place.partition).padStart(2, '0'));
});

const request = { operationId: 'keys.createKey', requestId: 'req_1', key: 'k', body: {}, credential: 'secret' };
const repeatable: [string, (store: Store, caller: VerifiedRootKey | AuthenticatedSession) => Promise<unknown>][] = [
  ['create', (store, caller) => createKey(store, caller, { apiId: 'api_1', externalId: 'ann' }, 5, request)],
  ['reroll', (store, caller) => rerollKey(store, caller, { keyId: `key_07${'a'.repeat(20)}`, overlap: 0 }, request)],
];

test.each(repeatable)(
  'keys of a request that is repeated are the same, also if both come at once: %s',
  async (name, call) => {
    for (const caller of [backend, user]) {
      const first = storeOf();
      const made = await call(first.store, caller);
      const response = first.sent[0]?.at(-1) as { response: string; bodyHash: string };
      expect(JSON.parse(response.response)).toMatchObject({ keyId: (made as { keyId: string }).keyId, apiId: 'api_1' });
      const later = storeOf([], { response });
      expect([await call(later.store, caller), later.writes]).toEqual([made, []]);
      const racing = storeOf([response]);
      expect([await call(racing.store, caller), racing.writes]).toEqual([made, [name]]);
    }
  },
);

test.each<[string, VerifiedRootKey | AuthenticatedSession, keyId: string, ApiKeyRecord | null, places: unknown[]]>([
  ['of the user who asks', user, 'key_1', key, [place]],
  ['that the id names', backend, `key_07${'a'.repeat(20)}`, key, [partitionsOf('ws_1')[7]]],
  ['of the user of the key, for an id that names none', backend, 'key_1', key, [place]],
  ['that nothing has, for a key that is gone', backend, 'key_1', null, []],
])('keys that are replaced have the response in the partition %s', async (_, caller, keyId, record, places) => {
  const opened = storeOf([], { record });
  const [outcome] = await Promise.allSettled([rerollKey(opened.store, caller, { keyId, overlap: 0 }, request)]);
  expect(opened.places).toEqual(places);
  expect(outcome).toMatchObject(
    record === null ? { reason: { code: 'unkey/data/key_not_found' } } : { value: { key: expect.any(String) } },
  );
  const plain = storeOf([], { record });
  await Promise.allSettled([rerollKey(plain.store, caller, { keyId, overlap: 0 })]);
  expect(plain.places).toEqual([]);
});

test('keys are shown with whether a backend manages them, and without what nobody needs', () => {
  const { externalId, rerolled, byteLength, ...rest } = key;
  expect(shown({ ...key, lastUsedAt: 7 })).toStrictEqual({ ...rest, lastUsedAt: 7, managed: false });
  expect(shown({ ...key, managed: true })).toStrictEqual({ ...rest, managed: true });
});
