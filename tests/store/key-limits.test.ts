/** How many active keys a user can have in an API: what counts, and when it no longer does. */
import { afterAll, afterEach, describe, expect, jest, test } from '@jest/globals';
import { deleteKey, listKeys, rerollKey, updateKey } from '../../src/server/domain/keys/keys.ts';
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
    await updateKey(store, session, keyId, { enabled: false });
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
    await updateKey(store, session, keyId, { expires });
    await expect(create()).rejects.toMatchObject(exceeded);
    hooks.now = expires;
    await create({ expires: expires + 1 });
    await expect(create()).rejects.toMatchObject(exceeded);
    const [last] = (await listKeys(store, session, {})).keys;
    await updateKey(store, session, String(last?.keyId), { expires: null });
    hooks.now = expires + 1;
    await expect(create()).rejects.toMatchObject(exceeded);
  });
});

describe('a reroll', () => {
  test('at the limit is possible, and its overlap counts until it ends', async () => {
    const { create, session, keyId, lastKeyId } = await full();
    await deleteKey(store, session, lastKeyId);
    hooks.now = Date.now();
    const end = hooks.now + 60_000;
    await rerollKey(store, session, { keyId, overlap: 60_000 }, maxKeys);
    hooks.now = end - 1;
    await expect(create()).rejects.toMatchObject(exceeded);
    hooks.now = end;
    await create();
    await expect(create()).rejects.toMatchObject(exceeded);
    await expect(rerollKey(store, session, { keyId, overlap: 0 }, maxKeys)).rejects.toMatchObject(retired);
  });

  test('takes the place of a new key in the list', async () => {
    const { session, keyId, create, lastKeyId } = await full();
    await deleteKey(store, session, lastKeyId);
    let tick = Date.now() + 1000;
    jest.spyOn(Date, 'now').mockImplementation(() => tick++);
    const fresh = await rerollKey(store, session, { keyId, overlap: 0 }, maxKeys);
    const newest = await create();
    const listed = (await listKeys(store, session, {})).keys.map((one) => one.keyId);
    expect(listed.slice(0, 2)).toEqual([newest.keyId, fresh.keyId]);
    expect(listed).toHaveLength(4);
  });

  test('above the limit is refused, until a key no longer counts', async () => {
    const { create, session, keyId } = await full();
    const fresh = await rerollKey(store, session, { keyId, overlap: 60_000 }, maxKeys);
    const again = () => rerollKey(store, session, { keyId: fresh.keyId, overlap: 0 }, maxKeys);
    await expect(again()).rejects.toMatchObject(exceeded);
    await deleteKey(store, session, keyId);
    await again();
    await expect(create()).rejects.toMatchObject(exceeded);
  });

  test('of an expired key is refused from the millisecond in which it expires', async () => {
    const expires = inAnHour();
    const { session, keyId } = await full({ expires });
    hooks.now = expires;
    await expect(rerollKey(store, session, { keyId, overlap: 0 }, maxKeys)).rejects.toMatchObject(retired);
    hooks.now = expires - 1;
    expect(await rerollKey(store, session, { keyId, overlap: 0 }, maxKeys)).toHaveProperty('keyId');
  });

  test.each([
    ['before', 3_600_001, 3_600_000],
    ['at', 3_600_000, 3_600_000],
    ['after', 3_599_999, 3_599_999],
  ])('that ends %s its own expiry ends the old key at the earlier time', async (_, lifetime, left) => {
    const now = Date.now();
    const { session, keyId, key, rootKey } = await full({ expires: now + lifetime });
    hooks.now = now;
    const fresh = await rerollKey(store, session, { keyId, overlap: 3_600_000 }, maxKeys);
    const { keys } = await listKeys(store, session, {});
    const of = (id: string) => keys.find((one) => one.keyId === id);
    expect(of(keyId)).toMatchObject({ expires: now + left, updatedAt: now, enabled: true });
    expect(of(fresh.keyId)).toMatchObject({ expires: now + lifetime, updatedAt: now, enabled: true });
    hooks.now = now + left - 1;
    expect(await verifyKey(store, rootKey, { key }, 90)).toMatchObject({ code: 'VALID' });
    hooks.now = now + left;
    expect(await verifyKey(store, rootKey, { key }, 90)).toMatchObject({ code: 'EXPIRED' });
  });

  test('keeps the settings and the last use of the old key, and the new key has none of its history', async () => {
    const { session, create, rootKey, keyId: extra } = await full();
    await deleteKey(store, session, extra);
    const settings = { name: 'N', meta: { a: [1] }, ratelimit: { limit: 7, duration: 1000 }, enabled: false };
    const { keyId, key } = await create(settings);
    hooks.now = Date.now();
    const usedAt = hooks.now;
    await verifyKey(store, rootKey, { key }, 90);
    const fresh = await rerollKey(store, session, { keyId, overlap: 60_000 }, maxKeys);
    const { keys } = await listKeys(store, session, {});
    const [successor] = keys;
    expect(successor).toMatchObject({ ...settings, keyId: fresh.keyId, start: fresh.key.slice(0, 'acme_1234'.length) });
    expect(successor).not.toHaveProperty('lastUsedAt');
    expect(successor).not.toHaveProperty('expires');
    expect(keys.find((one) => one.keyId === keyId)).toMatchObject({ ...settings, lastUsedAt: usedAt });
  });

  test('of a rerolled key is refused, and so is its update, but not its deletion', async () => {
    const { session, keyId } = await full();
    await rerollKey(store, session, { keyId, overlap: 60_000 }, maxKeys);
    await expect(rerollKey(store, session, { keyId, overlap: 0 }, 100)).rejects.toMatchObject(retired);
    await expect(updateKey(store, session, keyId, { name: 'New' })).rejects.toMatchObject(retired);
    await deleteKey(store, session, keyId);
    await expect(deleteKey(store, session, keyId)).rejects.toMatchObject(notFound);
  });
});
