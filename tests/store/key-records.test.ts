/** How many records of keys a user can have, and how long a key stays after its end. */
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { listKeys } from '../../src/server/domain/keys/key-list.ts';
import { deleteKey, rerollKey, updateKey } from '../../src/server/domain/keys/keys.ts';
import { verifyKey } from '../../src/server/domain/usage/usage.ts';
import { keys } from '../../src/server/store/keys.ts';
import { defaultLimits } from '../../src/server/store/limits.ts';
import {
  bytesIn,
  contentsOf,
  newWorkspace,
  numbers,
  openStore,
  quotaIn,
  recordKeys,
  recordNames,
} from '../support/store.ts';

const keysPerUser = 6;
// So small a quota lends no bytes in advance: each is of a record.
const opened = await openStore({ limits: { ...defaultLimits, keysPerUser, workspaceMegabytes: 12.8 } });
const { store, redis, hooks } = opened;
afterAll(opened.stop);
afterEach(() => {
  hooks.now = undefined;
});

const full = { code: 'unkey/data/limit_exceeded', message: expect.stringContaining(`${keysPerUser} keys per user`) };
const notFound = { code: 'unkey/data/key_not_found' };
const day = 86_400_000;
const graceMs = 30 * day;

/** A user with a session. */
async function user() {
  const workspace = await newWorkspace(store);
  const apiIds = [await workspace.newApi(), await workspace.newApi()];
  const session = await workspace.enter(await workspace.newPortal({ apiIds }), 'user');
  const [apiId = '', otherApiId = ''] = apiIds;
  const listed = async () => (await listKeys(store, session, { limit: 100 })).keys.map(({ keyId }) => keyId);
  const code = async (key: string) => (await verifyKey(store, workspace.rootKey, { key })).code;
  return { ...workspace, session, apiId, otherApiId, listed, code };
}

/** A user whose keys have ended, the first one first. */
async function withEnded(many: number) {
  const one = await user();
  const now = Date.now();
  hooks.now = now;
  const ended = [];
  for (const i of numbers(many)) ended.push(await one.newKey(one.session, one.apiId, { expires: now + 1000 + i }));
  hooks.now = now + 2000;
  return { ...one, ended: ended as [(typeof ended)[0], ...typeof ended], now: now + 2000 };
}

describe('at the limit of all records', () => {
  test('a new key takes the place of the key that ended first, whatever its API', async () => {
    const { session, newKey, otherApiId, ended, listed, code } = await withEnded(keysPerUser);
    const fresh = await newKey(session, otherApiId);
    const left = ended.slice(4).map(({ keyId }) => keyId);
    expect(new Set(await listed())).toEqual(new Set([fresh.keyId, ...left]));
    expect(await code(ended[0].key)).toBe('NOT_FOUND');
    expect(await code(fresh.key)).toBe('VALID');
    await expect(updateKey(store, session, ended[0].keyId, { expires: null }, 100)).rejects.toMatchObject(notFound);
    await expect(deleteKey(store, session, ended[0].keyId)).rejects.toMatchObject(notFound);
  });

  test('no valid key goes: another key is refused until one has ended or is deleted', async () => {
    const { session, newKey, apiId, otherApiId, listed } = await user();
    const expires = Date.now() + 3_600_000;
    const made = [];
    for (const i of numbers(keysPerUser)) made.push(await newKey(session, i % 2 ? apiId : otherApiId, { expires }));
    await expect(newKey(session, apiId)).rejects.toMatchObject(full);
    expect(await listed()).toHaveLength(keysPerUser);
    await deleteKey(store, session, String(made[0]?.keyId));
    await newKey(session, apiId);
    await expect(newKey(session, apiId)).rejects.toMatchObject(full);
    hooks.now = expires;
    await newKey(session, apiId);
  });

  test('rerolled keys count until their overlap is over', async () => {
    const { session, newKey, apiId, listed } = await user();
    let { keyId } = await newKey(session, apiId);
    for (const _ of numbers(keysPerUser - 1)) ({ keyId } = await rerollKey(store, session, { keyId, overlap: 60_000 }));
    await expect(rerollKey(store, session, { keyId, overlap: 60_000 })).rejects.toMatchObject(full);
    expect(await listed()).toHaveLength(keysPerUser);
    hooks.now = Date.now() + 60_000;
    for (const _ of numbers(20)) ({ keyId } = await rerollKey(store, session, { keyId, overlap: 0 }));
    expect((await listed()).length).toBeLessThanOrEqual(keysPerUser);
    expect(await listed()).toContain(keyId);
  });

  test('a user with more than an operator allows now loses ended keys and can create', async () => {
    const { session, newKey, apiId, workspaceId, listed } = await withEnded(2);
    const ends = keys.userKeyEnds({ workspaceId, externalId: 'user' });
    await redis.zAdd(
      ends,
      numbers(10).map((i) => ({ score: 1 + i, value: `000000000000${i}:key_${i} api_gone` })),
    );
    await newKey(session, apiId);
    expect(await redis.zCard(ends)).toBe(2 + 10 - 8 + 1);
    expect(await listed()).toHaveLength(3);
  });
});

describe('after its end', () => {
  test('a key stays for 30 days, and its record until then', async () => {
    const { session, newKey, apiId, ended, now, listed } = await withEnded(1);
    const hash = String(await redis.get(keys.keyId(session.ref, ended[0].keyId)));
    expect(await redis.pExpireTime(keys.apiKey(session.ref, hash))).toBe(now - 1000 + graceMs);
    expect(await redis.pExpireTime(keys.keyId(session.ref, ended[0].keyId))).toBe(now - 1000 + graceMs);
    hooks.now = now - 1000 + graceMs - 1;
    await newKey(session, apiId);
    expect(await listed()).toContain(ended[0].keyId);
    hooks.now = now - 1000 + graceMs;
    await newKey(session, apiId);
    expect(await listed()).not.toContain(ended[0].keyId);
  });

  test('a key whose record Redis has removed is in no list, and the next key removes the rest of it', async () => {
    const { session, newKey, apiId, ended, now, workspaceId, listed, rootKey } = await withEnded(1);
    await verifyKey(store, rootKey, { key: ended[0].key });
    const hash = String(await redis.get(keys.keyId(session.ref, ended[0].keyId)));
    await redis.del(keys.apiKey(session.ref, hash));
    await redis.del(keys.keyId(session.ref, ended[0].keyId));
    expect(await listed()).toEqual([]);
    await expect(updateKey(store, session, ended[0].keyId, { name: 'A' }, 100)).rejects.toMatchObject(notFound);
    hooks.now = now + graceMs;
    const { keyId } = await newKey(session, apiId);
    // By then, the minutes have expired.
    const names = (await recordNames(opened, workspaceId)).filter((name) => !/:m\d+$/.test(name));
    expect(names.filter((name) => name.includes(ended[0].keyId) || name.includes(hash))).toEqual([]);
    expect(names.filter((name) => name.startsWith('key-id:'))).toEqual([`key-id:${keyId}`]);
  });

  test('a later expiry keeps an expired key', async () => {
    const { session, ended, now } = await withEnded(1);
    await updateKey(store, session, ended[0].keyId, { expires: now + day }, 100);
    const hash = String(await redis.get(keys.keyId(session.ref, ended[0].keyId)));
    expect(await redis.pExpireTime(keys.apiKey(session.ref, hash))).toBe(now + day + graceMs);
    await updateKey(store, session, ended[0].keyId, { expires: null }, 100);
    expect(await redis.pExpireTime(keys.apiKey(session.ref, hash))).toBe(-1);
  });

  test('of the last key, nothing of the keys of a user stays', async () => {
    const { session, newKey, apiId, workspaceId } = await user();
    const { keyId } = await newKey(session, apiId);
    await newKey(session, apiId, { expires: Date.now() + day });
    const kinds = async () => {
      const records = [...(await recordKeys(opened, workspaceId))].filter(([name]) =>
        /^(user-key|api-key:|key-id)/.test(name),
      );
      const lives = await Promise.all(records.map(([, key]) => redis.pTTL(key)));
      return Object.fromEntries(records.map(([name], i) => [name.split(':')[0], Number(lives[i]) > graceMs]));
    };
    expect(await kinds()).toMatchObject({ 'user-key-order': false, 'user-key-ends': false, 'user-key-expiry': false });
    await deleteKey(store, session, keyId);
    expect(new Set(Object.values(await kinds()))).toEqual(new Set([true]));
  });
});

test('a key that is created, used and deleted leaves no record, however often', async () => {
  const { session, newKey, apiId, rootKey, workspaceId } = await user();
  // Within one minute: the totals of the user have a field for each.
  hooks.now = Date.now();
  const { key } = await newKey(session, apiId);
  await verifyKey(store, rootKey, { key });
  const come = async () => {
    const one = await newKey(session, apiId, { ratelimit: { limit: 9, duration: 60_000 } });
    await verifyKey(store, rootKey, { key: one.key });
    await deleteKey(store, session, one.keyId);
  };
  await come();
  const before = await contentsOf(opened, workspaceId);
  for (const _ of numbers(20)) await come();
  const after = await contentsOf(opened, workspaceId);
  expect(Object.keys(after).sort()).toEqual(Object.keys(before).sort());
  expect(quotaIn(after)).toBe(bytesIn(after));
});
