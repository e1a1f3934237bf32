/** How many active keys a user can have in an API: what counts, and when it no longer does. */
import { afterAll, afterEach, describe, expect, jest, test } from '@jest/globals';
import { listKeys } from '../../src/server/domain/keys/key-list.ts';
import { deleteKey, rerollKey, updateKey } from '../../src/server/domain/keys/keys.ts';
import { verifyKey } from '../../src/server/domain/usage/usage.ts';
import { newWorkspace, openStore } from '../support/store.ts';

const { store, hooks, stop } = await openStore();
afterAll(stop);
afterEach(() => {
  hooks.now = undefined;
  jest.restoreAllMocks();
});

const maxKeys = 3;
const exceeded = { code: 'unkey/data/key_limit_exceeded' };
const retired = { code: 'unkey/data/key_retired' };
const notFound = { code: 'unkey/data/key_not_found' };

/** A user with as many keys in an API as the limit allows. */
async function full(settings: { expires?: number } = {}) {
  const workspace = await newWorkspace(store);
  const apiId = await workspace.newApi('acme');
  const slug = await workspace.newPortal({ apiIds: [apiId, await workspace.newApi()] });
  const session = await workspace.enter(slug, 'user');
  const create = (more: object = {}) => workspace.newKey(session, apiId, more, maxKeys);
  const keys = [await create(settings), await create(settings), await create(settings)];
  const [{ keyId, key }] = keys as [(typeof keys)[0]];
  return { ...workspace, apiId, slug, session, create, keyId, key, lastKeyId: String(keys.at(-1)?.keyId) };
}

const inAnHour = () => Date.now() + 3_600_000;

describe('the limit', () => {
  test('is exact, and the error names it', async () => {
    const { create } = await full();
    await expect(create()).rejects.toMatchObject({ ...exceeded, message: expect.stringContaining(String(maxKeys)) });
  });

  test('is that of one user in one API', async () => {
    const { session, slug, newKey, enter, apiId } = await full();
    const other = session.portal.apiIds[1] ?? '';
    expect(await newKey(session, other, {}, 1)).toHaveProperty('keyId');
    await expect(newKey(session, other, {}, 1)).rejects.toMatchObject(exceeded);
    expect(await newKey(await enter(slug, 'another user'), apiId, {}, 1)).toHaveProperty('keyId');
  });

  test('does not count a deleted key', async () => {
    const { create, session, keyId } = await full();
    await deleteKey(store, session, keyId);
    await create();
    await expect(create()).rejects.toMatchObject(exceeded);
  });

  test('counts a disabled key', async () => {
    const { create, session, keyId } = await full();
    await updateKey(store, session, keyId, { enabled: false }, maxKeys);
    await expect(create()).rejects.toMatchObject(exceeded);
  });

  test('counts a key until the millisecond in which it expires', async () => {
    const expires = inAnHour();
    const { create } = await full({ expires });
    hooks.now = expires - 1;
    await expect(create()).rejects.toMatchObject(exceeded);
    hooks.now = expires;
    await create();
  });

  test('follows a new expiry, and its removal', async () => {
    const expires = inAnHour();
    const { create, session, keyId } = await full();
    await updateKey(store, session, keyId, { expires }, maxKeys);
    await expect(create()).rejects.toMatchObject(exceeded);
    hooks.now = expires;
    await create({ expires: expires + 1 });
    await expect(create()).rejects.toMatchObject(exceeded);
    const [last] = (await listKeys(store, session, {})).keys;
    await updateKey(store, session, String(last?.keyId), { expires: null }, maxKeys);
    hooks.now = expires + 1;
    await expect(create()).rejects.toMatchObject(exceeded);
  });
});

describe('an expired key', () => {
  /** A user with one expired key and as many active keys as the limit allows. */
  async function withExpired() {
    const expires = inAnHour();
    const { session, create, keyId, key, rootKey } = await full({ expires });
    hooks.now = expires;
    for (let i = 0; i < maxKeys; i++) await create({ expires: expires + 60_000 });
    return { session, create, keyId, code: async () => (await verifyKey(store, rootKey, { key })).code, expires };
  }

  test.each([
    ['no expiry', () => null],
    ['a later expiry', (expires: number) => expires + 1],
  ])('cannot get %s above the limit, and stays as it is', async (_, later) => {
    const { session, keyId, code, expires } = await withExpired();
    const update = updateKey(store, session, keyId, { name: 'Again', expires: later(expires) }, maxKeys);
    await expect(update).rejects.toMatchObject({ ...exceeded, message: expect.stringContaining(String(maxKeys)) });
    const { keys } = await listKeys(store, session, {});
    expect(keys.find((one) => one.keyId === keyId)).toMatchObject({ expires });
    expect(keys.find((one) => one.keyId === keyId)).not.toHaveProperty('name');
    expect(await code()).toBe('EXPIRED');
  });

  test('is active again below the limit, and counts', async () => {
    const { session, keyId, code, create } = await withExpired();
    const [{ keyId: newest } = { keyId: '' }] = (await listKeys(store, session, {})).keys;
    await deleteKey(store, session, newest);
    await updateKey(store, session, keyId, { expires: null }, maxKeys);
    expect(await code()).toBe('VALID');
    await expect(create()).rejects.toMatchObject(exceeded);
  });

  test('can change in any other way at the limit', async () => {
    const { session, keyId } = await withExpired();
    expect(await updateKey(store, session, keyId, { name: 'Old', enabled: false }, maxKeys)).toMatchObject({
      name: 'Old',
      enabled: false,
    });
  });
});

test('an active key can change above the limit, which an operator may have lowered', async () => {
  const { session, keyId } = await full();
  expect(await updateKey(store, session, keyId, { expires: inAnHour() }, 1)).toHaveProperty('expires');
  expect(await updateKey(store, session, keyId, { expires: null }, 1)).not.toHaveProperty('expires');
});

describe('a reroll', () => {
  test.each([0, 60_000])('of every key at the limit is possible, with an overlap of %s ms', async (overlap) => {
    const { create, session } = await full();
    const reroll = async () => {
      const { keys } = await listKeys(store, session, { limit: maxKeys });
      for (const { keyId } of keys) await rerollKey(store, session, { keyId, overlap });
    };
    await reroll();
    await reroll();
    await expect(create()).rejects.toMatchObject(exceeded);
  });

  test('takes the place of the old key, which does not count during its overlap', async () => {
    const { create, session, keyId, lastKeyId } = await full();
    await deleteKey(store, session, lastKeyId);
    await rerollKey(store, session, { keyId, overlap: 60_000 });
    await create();
    await expect(create()).rejects.toMatchObject(exceeded);
    await deleteKey(store, session, keyId);
    await expect(create()).rejects.toMatchObject(exceeded);
    await expect(rerollKey(store, session, { keyId, overlap: 0 })).rejects.toMatchObject(notFound);
  });

  test('of a key with an expiry takes its place until the new key expires', async () => {
    const expires = inAnHour();
    const { create, session, keyId } = await full({ expires });
    await rerollKey(store, session, { keyId, overlap: 0 });
    hooks.now = expires - 1;
    await expect(create()).rejects.toMatchObject(exceeded);
    hooks.now = expires;
    for (let i = 0; i < maxKeys; i++) await create({ expires: expires + 1 });
    await expect(create()).rejects.toMatchObject(exceeded);
  });

  test('takes the place of a new key in the list', async () => {
    const { session, keyId, create, lastKeyId } = await full();
    await deleteKey(store, session, lastKeyId);
    let tick = Date.now() + 1000;
    jest.spyOn(Date, 'now').mockImplementation(() => tick++);
    const fresh = await rerollKey(store, session, { keyId, overlap: 0 });
    const newest = await create();
    const listed = (await listKeys(store, session, {})).keys.map((one) => one.keyId);
    expect(listed.slice(0, 2)).toEqual([newest.keyId, fresh.keyId]);
    expect(listed).toHaveLength(4);
  });

  test('of an expired key is refused from the millisecond in which it expires', async () => {
    const expires = inAnHour();
    const { session, keyId } = await full({ expires });
    hooks.now = expires;
    await expect(rerollKey(store, session, { keyId, overlap: 0 })).rejects.toMatchObject(retired);
    hooks.now = expires - 1;
    expect(await rerollKey(store, session, { keyId, overlap: 0 })).toHaveProperty('keyId');
  });

  test.each([
    ['before', 3_600_001, 3_600_000],
    ['at', 3_600_000, 3_600_000],
    ['after', 3_599_999, 3_599_999],
  ])('that ends %s its own expiry ends the old key at the earlier time', async (_, lifetime, left) => {
    const now = Date.now();
    const { session, keyId, key, rootKey } = await full({ expires: now + lifetime });
    hooks.now = now;
    const fresh = await rerollKey(store, session, { keyId, overlap: 3_600_000 });
    const { keys } = await listKeys(store, session, {});
    const of = (id: string) => keys.find((one) => one.keyId === id);
    expect(of(keyId)).toMatchObject({ expires: now + left, updatedAt: now, enabled: true });
    expect(of(fresh.keyId)).toMatchObject({ expires: now + lifetime, updatedAt: now, enabled: true });
    hooks.now = now + left - 1;
    expect(await verifyKey(store, rootKey, { key })).toMatchObject({ code: 'VALID' });
    hooks.now = now + left;
    expect(await verifyKey(store, rootKey, { key })).toMatchObject({ code: 'EXPIRED' });
  });

  test('keeps the settings and the last use of the old key, and the new key has none of its history', async () => {
    const { session, create, rootKey, keyId: extra } = await full();
    await deleteKey(store, session, extra);
    const settings = { name: 'N', meta: { a: [1] }, ratelimit: { limit: 7, duration: 1000 }, enabled: false };
    const { keyId, key } = await create(settings);
    hooks.now = Date.now();
    const usedAt = hooks.now;
    await verifyKey(store, rootKey, { key });
    const fresh = await rerollKey(store, session, { keyId, overlap: 60_000 });
    const { keys } = await listKeys(store, session, {});
    const [successor] = keys;
    expect(successor).toMatchObject({ ...settings, keyId: fresh.keyId, start: fresh.key.slice(0, 'acme_1234'.length) });
    expect(successor).not.toHaveProperty('lastUsedAt');
    expect(successor).not.toHaveProperty('expires');
    expect(keys.find((one) => one.keyId === keyId)).toMatchObject({ ...settings, lastUsedAt: usedAt });
  });

  test('of a rerolled key is refused, and so is its update, but not its deletion', async () => {
    const { session, keyId } = await full();
    await rerollKey(store, session, { keyId, overlap: 60_000 });
    await expect(rerollKey(store, session, { keyId, overlap: 0 })).rejects.toMatchObject(retired);
    await expect(updateKey(store, session, keyId, { name: 'New' }, maxKeys)).rejects.toMatchObject(retired);
    await deleteKey(store, session, keyId);
    await expect(deleteKey(store, session, keyId)).rejects.toMatchObject(notFound);
  });
});
