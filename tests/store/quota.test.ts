/** How much a workspace and a user can store, and that what ends or is removed no longer counts. */
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import type { RepeatableRequest } from '../../src/server/domain/idempotency.ts';
import { listKeys } from '../../src/server/domain/keys/key-list.ts';
import { createKey, deleteKey, rerollKey, updateKey } from '../../src/server/domain/keys/keys.ts';
import { deleteApi } from '../../src/server/domain/portals/apis.ts';
import { deletePortal, updatePortal } from '../../src/server/domain/portals/portals.ts';
import { revokeSessions } from '../../src/server/domain/sessions/session-list.ts';
import { createSession } from '../../src/server/domain/sessions/sessions.ts';
import { verifyKey } from '../../src/server/domain/usage/usage.ts';
import { continueRemovals, removeKeysOfDeletedApis } from '../../src/server/domain/workspaces/removals.ts';
import { revokeRootKey } from '../../src/server/domain/workspaces/root-keys.ts';
import { keys } from '../../src/server/store/keys.ts';
import { defaultLimits } from '../../src/server/store/limits.ts';
import {
  bytesIn,
  contentsOf,
  newWorkspace,
  numbers,
  openStore,
  quotaIn,
  recordNames,
  userBytesIn,
  usersOf,
  userTotalsIn,
} from '../support/store.ts';

const limits = {
  ...defaultLimits,
  ...{ sessionsPerUser: 60, workspaceMegabytes: 12.8, userKilobytes: 80, apis: 4, portals: 3, rootKeys: 2 },
};
const opened = await openStore({ limits });
const { store, redis, hooks } = opened;
afterAll(opened.stop);
afterEach(() => {
  hooks.now = undefined;
});

const full = (limit: string) => ({ code: 'unkey/data/limit_exceeded', message: `The limit is ${limit}.` });
const overQuota = full('12.8 MB per workspace, of which each of 64 partitions of its users has 0.1 MB');
const homeIsFull = full('12.8 MB per workspace, of which portals, APIs and documents have 6.4 MB');
const hour = 3_600_000;

async function inhabited() {
  const workspace = await newWorkspace(store);
  const apiId = await workspace.newApi();
  const slug = await workspace.newPortal({ apiIds: [apiId] });
  const session = await workspace.enter(slug, 'user');
  const quota = keys.partitionQuota(session.ref);
  const total = async () => Number(await redis.hGet(quota, 'total'));
  /** Leaves room for as many bytes. */
  const leave = async (bytes: number) => void (await redis.hIncrBy(quota, 'total', 100_000 - bytes - (await total())));
  /** The control data has the other half of the quota. */
  const fillHome = async () => void (await redis.hSet(keys.quota(workspace.workspaceId), 'total', 6_400_000));
  return { ...workspace, apiId, slug, session, quota, total, leave, fillHome };
}

describe('the quota', () => {
  test('is exact: of a record that needs one byte more, nothing is written', async () => {
    const { newKey, session, apiId, total, leave, workspaceId } = await inhabited();
    const before = await total();
    const { keyId } = await newKey(session, apiId, { name: 'Same' });
    const bytes = (await total()) - before;
    await deleteKey(store, session, keyId);
    await leave(bytes - 1);
    const names = await recordNames(opened, workspaceId);
    await expect(newKey(session, apiId, { name: 'Same' })).rejects.toMatchObject(overQuota);
    expect(await recordNames(opened, workspaceId)).toEqual(names);
    await leave(bytes);
    expect(await newKey(session, apiId, { name: 'Same' })).toHaveProperty('keyId');
    expect(await total()).toBe(100_000);
  });

  test('refuses what needs more bytes, and nothing else', async () => {
    const { newKey, newApi, newPortal, pend, session, apiId, slug, leave, fillHome, workspaceId, rootKey } =
      await inhabited();
    const { keyId, key } = await newKey(session, apiId, { name: 'Long name' });
    const sessionId = await pend(slug, 'other');
    await Promise.all([leave(0), fillHome()]);
    const refusals: [refused: () => Promise<unknown>, error: object][] = [
      [() => newApi(), homeIsFull],
      [() => newPortal(), homeIsFull],
      [() => pend(slug, 'user'), overQuota],
      [() => newKey(session, apiId), overQuota],
      [() => updateKey(store, session, keyId, { name: 'Longer name' }, 100), overQuota],
      [() => updatePortal(store, workspaceId, slug, { name: 'Longer' }, commandLine), homeIsFull],
    ];
    for (const [refused, error] of refusals) await expect(refused()).rejects.toMatchObject(error);
    expect(await updateKey(store, session, keyId, { name: 'Short' }, 100)).toMatchObject({ name: 'Short' });
    expect(await verifyKey(store, rootKey, { key })).toMatchObject({ code: 'VALID' });
    expect(sessionId).toMatch(/^pst_/);
    await deleteKey(store, session, keyId);
    await newKey(session, apiId);
  });

  test('stops a loop of many records, and counts exactly what is stored', async () => {
    const { pend, slug, session, workspaceId } = await inhabited();
    const made = await Promise.allSettled(usersOf(session.ref, 400).map((user) => pend(slug, user)));
    const refused = made.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(refused.length).toBeGreaterThan(200);
    for (const reason of refused) expect(reason).toMatchObject(overQuota);
    const contents = await contentsOf(opened, workspaceId);
    expect(quotaIn(contents)).toBe(bytesIn(contents));
  });

  test('forgets what has ended when its hour is over, and nothing that has not', async () => {
    const { newKey, session, apiId, quota, total } = await inhabited();
    const { keyId } = await newKey(session, apiId);
    const before = await total();
    const gone = Date.now() + hour + 30 * 24 * hour;
    await newKey(session, apiId, { expires: gone - 30 * 24 * hour });
    const bytes = (await total()) - before;
    const endOfHour = (Math.floor(gone / hour) + 1) * hour;
    const countAt = async (now: number) => {
      hooks.now = now;
      // Each step forgets up to 100 hours.
      for (const _ of numbers(8)) await updateKey(store, session, keyId, { enabled: false }, 100);
      return total();
    };
    const last = await countAt(endOfHour - 1);
    expect(last).toBeGreaterThan(bytes);
    expect(await countAt(endOfHour)).toBe(last - bytes);
    expect(Object.keys(await redis.hGetAll(quota)).sort()).toEqual(['swept', 'total']);
  });

  test('counts a session until its end, before and after the exchange', async () => {
    const { enter, pend, newKey, apiId, slug, session, quota, total, workspaceId } = await inhabited();
    const { keyId } = await newKey(session, apiId);
    const [other = ''] = usersOf(session.ref, 1);
    await enter(slug, other);
    await pend(slug, other);
    const sweep = async (now: number) => {
      hooks.now = now;
      await updateKey(store, session, keyId, { enabled: false }, 100);
      return total();
    };
    const contents = Object.entries(await contentsOf(opened, workspaceId)).filter(([name]) =>
      /^((browser-)?session|api-key|identity):/.test(name),
    );
    const bytesOf = (found: typeof contents) => bytesIn(Object.fromEntries(found));
    expect(await total()).toBe(bytesOf(contents));
    // First the link ends, then the two sessions.
    const active = contents.filter(([, value]) => !value.includes(' 0000000000000\n'));
    expect(await sweep(Date.now() + 2 * hour)).toBe(bytesOf(active));
    const key = contents.filter(([name]) => !name.includes('session:'));
    expect(await sweep(Date.now() + 26 * hour)).toBe(bytesOf(key));
    expect(Object.keys(await redis.hGetAll(quota)).sort()).toEqual(['swept', 'total']);
  });
});

describe('bytes that are lent', () => {
  /** A workspace whose partitions have this many bytes, and the processes that serve it. */
  async function lending(bytes: number) {
    const own = { ...limits, workspaceMegabytes: (bytes * 128) / 1e6, sessionsPerUser: 1e6 };
    const processes = [await openStore({ limits: own }), await openStore({ limits: own })];
    const workspace = await newWorkspace(store);
    const slug = await workspace.newPortal();
    const { ref } = await workspace.enter(slug, 'user');
    const quota = keys.partitionQuota(ref);
    await redis.del(quota);
    const users = usersOf(ref, 600);
    const request = { slug, permissions: [], preview: false };
    const pend = (process: number, user: number) => {
      const by = processes[process]?.store ?? store;
      return createSession(by, workspace.rootKey, { ...request, externalId: String(users[user]) }, {});
    };
    /** The bytes of the sessions that the workspace has, without the one of above. */
    const used = async () => {
      const contents = Object.entries(await contentsOf(opened, workspace.workspaceId));
      const isOther = (name: string) => name.startsWith('session:') && name !== `session:${ref.handle}`;
      return bytesIn(Object.fromEntries(contents.filter(([name]) => isOther(name))));
    };
    /** The same, with the users who have them. */
    const stored = async () => {
      const contents = Object.entries(await contentsOf(opened, workspace.workspaceId));
      const others = contents.filter(([name]) => /^identity:/.test(name) && name !== 'identity:dXNlcg');
      return (await used()) + bytesIn(Object.fromEntries(others));
    };
    const stop = () => Promise.all(processes.map((process) => process.stop()));
    const hooksOf = (process: number) => processes[process]?.hooks ?? hooks;
    return { pend, used, stored, quota, hooksOf, total: async () => Number(await redis.hGet(quota, 'total')), stop };
  }

  test('cost Redis a counter for one of 64 sessions', async () => {
    const { pend, used, total, stop } = await lending(10_000_000);
    try {
      const totals = new Set<number>();
      for (const _ of numbers(64)) {
        await pend(0, 0);
        totals.add(await total());
      }
      expect(totals.size).toBeLessThanOrEqual(2);
      const before = await total();
      expect(before).toBeGreaterThanOrEqual(await used());
      expect(before).toBeLessThan((await used()) * 2.1);
      // Another process borrows its own.
      await pend(1, 100);
      expect(await total()).toBeGreaterThan(before);
    } finally {
      await stop();
    }
  });

  test('never let several processes store more than the quota, nor stop them more than 2 % early', async () => {
    const bytes = 250_000;
    const { pend, stored, stop } = await lending(bytes);
    try {
      const created = await Promise.allSettled(numbers(500).map((i) => pend(i % 2, i)));
      expect(created.some(({ status }) => status === 'rejected')).toBe(true);
      expect(await stored()).toBeLessThanOrEqual(bytes);
      expect(await stored()).toBeGreaterThan(bytes * 0.98);
    } finally {
      await stop();
    }
  });

  test('do not count a session that ends in another hour', async () => {
    const { pend, used, total, quota, hooksOf, stop } = await lending(10_000_000);
    try {
      await pend(0, 0);
      const before = await total();
      const [hour = ''] = Object.keys(await redis.hGetAll(quota)).filter((name) => name !== 'total');
      // The process has bytes for the hour before.
      hooksOf(0).first =
        `for i, value in ipairs(ARGV) do if value == '${hour}' then ARGV[i] = '${Number(hour) - 1}' end end`;
      await pend(0, 0);
      expect(await total()).toBe(before + (await used()) / 2);
    } finally {
      await stop();
    }
  });
});

describe('the quota of a user', () => {
  const overUserQuota = full('80 kB of keys per user');
  const day = 24 * hour;
  /** The token that a repeatable request comes with. Its session is looked up elsewhere. */
  const credential = 'ps_abcdefghijkl1r8DEXAMPLEonlyNeverARealOne';
  const repeatable = (operationId: string): RepeatableRequest => ({
    ...{ operationId, requestId: 'req_1', key: 'same', body: {}, credential },
  });

  /** A user with a key that stays. */
  async function user() {
    const workspace = await inhabited();
    const { session, apiId, newKey, workspaceId } = workspace;
    const kept = await newKey(session, apiId, { name: 'Kept' });
    const record = keys.userQuota({ workspaceId, externalId: 'user' });
    const total = async () => Number(await redis.hGet(record, 'total'));
    /** Leaves the user room for as many bytes. */
    const leave = async (bytes: number) =>
      void (await redis.hIncrBy(record, 'total', 80_000 - bytes - (await total())));
    const listed = async () => (await listKeys(store, session, { limit: 100 })).keys.map(({ keyId }) => keyId);
    /** What an action adds to the total. */
    const costOf = async (act: () => Promise<unknown>) => {
      const before = await total();
      await act();
      return (await total()) - before;
    };
    return { ...workspace, kept, record, total, leave, listed, costOf };
  }

  test('is exact: of a key that needs one byte more, nothing is written, and another user has room', async () => {
    const { newKey, session, apiId, total, leave, costOf, workspaceId, slug, enter, kept } = await user();
    const other = await enter(slug, 'other');
    let keyId = '';
    const bytes = await costOf(async () => ({ keyId } = await newKey(session, apiId, { name: 'Same' })));
    await deleteKey(store, session, keyId);
    await leave(bytes - 1);
    const before = await contentsOf(opened, workspaceId);
    await expect(newKey(session, apiId, { name: 'Same' })).rejects.toMatchObject(overUserQuota);
    expect(await contentsOf(opened, workspaceId)).toEqual(before);
    expect(await newKey(other, apiId, { name: 'Same' })).toHaveProperty('keyId');
    await leave(bytes);
    expect(await newKey(session, apiId, { name: 'Same' })).toHaveProperty('keyId');
    expect(await total()).toBe(80_000);
    await expect(updateKey(store, session, kept.keyId, { name: 'Kept!' }, 100)).rejects.toMatchObject(overUserQuota);
    expect(await updateKey(store, session, kept.keyId, { name: 'Kep' }, 100)).toMatchObject({ name: 'Kep' });
    expect(await total()).toBe(79_999);
  });

  test.each([
    ['createKey', 0],
    ['rerollKey', 60_000],
  ] as const)('counts the response of %s, once, and refuses both with one byte too few', async (operation, overlap) => {
    const { session, apiId, newKey, total, leave, costOf, workspaceId } = await user();
    const { keyId } = await newKey(session, apiId);
    const act = (id: string, request?: RepeatableRequest) =>
      operation === 'createKey'
        ? createKey(store, session, { apiId }, 100, request)
        : rerollKey(store, session, { keyId: id, overlap }, request);
    const first = repeatable(`portal.${operation}`);
    let fresh = await act(keyId, first);
    const after = await total();
    expect(await act(keyId, first)).toEqual(fresh);
    expect(await total()).toBe(after);
    const contents = await contentsOf(opened, workspaceId);
    expect(after).toBe(
      bytesIn(
        Object.fromEntries(Object.entries(contents).filter(([name]) => /^(api-key|session-response):/.test(name))),
      ),
    );
    const second = { ...first, key: 'othr' };
    const bytes = await costOf(async () => (fresh = await act(fresh.keyId, second)));
    await leave(bytes - 1);
    const names = await recordNames(opened, workspaceId);
    await expect(act(fresh.keyId, { ...first, key: 'last' })).rejects.toMatchObject(overUserQuota);
    expect(await recordNames(opened, workspaceId)).toEqual(names);
    await leave(bytes);
    await act(fresh.keyId, { ...first, key: 'last' });
    expect(await total()).toBe(80_000);
  });

  test('removes the keys that ended first, only as many as it needs, and never a valid one', async () => {
    const { session, apiId, newKey, kept, leave, listed, total } = await user();
    const now = Date.now();
    const ended = [];
    for (const i of numbers(4))
      ended.push((await newKey(session, apiId, { name: 'Same', expires: now + hour + i })).keyId);
    await leave(0);
    await expect(newKey(session, apiId, { name: 'Same' })).rejects.toMatchObject(overUserQuota);
    hooks.now = now + 2 * hour;
    const fresh = await newKey(session, apiId, { name: 'Same' });
    expect(new Set(await listed())).toEqual(new Set([kept.keyId, ...ended.slice(1), fresh.keyId]));
    // An ended key whose change needs room does not make room for itself.
    await leave(0);
    const [, first = '', second = '', third = ''] = ended;
    await updateKey(store, session, first, { expires: now + 9 * hour, name: 'Longer name' }, 100);
    expect(new Set(await listed())).toEqual(new Set([kept.keyId, first, third, fresh.keyId]));
    expect(ended).toContain(second);
    await leave(0);
    const large = { meta: { text: 'x'.repeat(3000) } };
    const before = await total();
    // One ended key is left, which is not enough.
    await expect(newKey(session, apiId, large)).rejects.toMatchObject(overUserQuota);
    expect(await total()).toBe(before);
    expect(await listed()).toContain(third);
  });

  test('lets a user with more than an operator allows now replace ended keys', async () => {
    const { session, apiId, newKey, leave, listed, kept } = await user();
    const now = Date.now();
    await newKey(session, apiId, { name: 'Same name', expires: now + hour });
    await leave(-50_000);
    hooks.now = now + 2 * hour;
    const fresh = await newKey(session, apiId, { name: 'Short' });
    expect(new Set(await listed())).toEqual(new Set([kept.keyId, fresh.keyId]));
    await expect(newKey(session, apiId)).rejects.toMatchObject(overUserQuota);
  });

  test('gets bytes back when a key is deleted, ends, or loses its API', async () => {
    const { session, apiId, newKey, newApi, newPortal, enter, workspaceId, kept, record, total, costOf } = await user();
    const before = await total();
    const { keyId } = await newKey(session, apiId);
    await deleteKey(store, session, keyId);
    expect(await total()).toBe(before);
    const otherApi = await newApi();
    await newKey(await enter(await newPortal({ apiIds: [otherApi] }), 'user'), otherApi);
    await deleteApi(store, workspaceId, otherApi, commandLine);
    await removeKeysOfDeletedApis(store, workspaceId);
    expect(await total()).toBe(before);
    const gone = Date.now() + hour + 30 * day;
    const bytes = await costOf(() => newKey(session, apiId, { expires: gone - 30 * day }));
    expect(bytes).toBeGreaterThan(1000);
    const totalAt = async (now: number) => {
      hooks.now = now;
      // Each step forgets up to 100 hours.
      for (const _ of numbers(8)) await updateKey(store, session, kept.keyId, { enabled: false }, 100);
      return total();
    };
    const endOfHour = (Math.floor(gone / hour) + 1) * hour;
    expect(await totalAt(endOfHour - 1)).toBe(before + bytes);
    expect(await totalAt(endOfHour)).toBe(before);
    expect(Object.keys(await redis.hGetAll(record)).sort()).toEqual(['swept', 'total']);
  });

  test('has a record only as long as the user has one that it counts', async () => {
    const { session, apiId, newKey, kept, record } = await user();
    expect(await redis.pTTL(record)).toBe(-1);
    const expires = Date.now() + day;
    const { keyId } = await newKey(session, apiId, { expires });
    await deleteKey(store, session, kept.keyId);
    expect(await redis.pExpireTime(record)).toBe(expires + 30 * day);
    const fresh = await createKey(store, session, { apiId }, 100, repeatable('portal.createKey'));
    expect(await redis.pTTL(record)).toBe(-1);
    for (const one of [keyId, fresh.keyId]) await deleteKey(store, session, one);
    // Only the response is left.
    expect(await redis.pExpireTime(record)).toBeGreaterThanOrEqual(session.expiresAt);
    expect(await redis.pTTL(record)).toBeLessThanOrEqual(day);
  });

  test('leaves no record when the last key is deleted', async () => {
    const { session, kept, record, workspaceId } = await user();
    await deleteKey(store, session, kept.keyId);
    expect(await redis.exists(record)).toBe(0);
    const contents = await contentsOf(opened, workspaceId);
    expect(userTotalsIn(contents)).toEqual(userBytesIn(contents));
  });
});

describe('a workspace', () => {
  test('has a limit of APIs, where a deleted one counts until its keys are gone', async () => {
    const { newApi, workspaceId } = await inhabited();
    const [apiId = ''] = [await newApi(), await newApi(), await newApi()];
    await expect(newApi()).rejects.toMatchObject(full('4 APIs per workspace'));
    await deleteApi(store, workspaceId, apiId, commandLine);
    await expect(newApi()).rejects.toMatchObject(full('4 APIs per workspace'));
    await removeKeysOfDeletedApis(store, workspaceId);
    await newApi();
    await expect(newApi()).rejects.toMatchObject(full('4 APIs per workspace'));
  });

  test('has a limit of portals', async () => {
    const { newPortal, workspaceId, slug } = await inhabited();
    for (const _ of numbers(2)) await newPortal();
    await expect(newPortal()).rejects.toMatchObject(full('3 portals per workspace'));
    await deletePortal(store, workspaceId, slug, commandLine);
    await newPortal();
  });

  test('has a limit of root keys', async () => {
    const { newRootKey, workspaceId, rootKey } = await inhabited();
    await newRootKey();
    await expect(newRootKey()).rejects.toMatchObject(full('2 root keys per workspace'));
    await revokeRootKey(store, workspaceId, rootKey.rootKeyId, commandLine);
    await newRootKey();
  });

  test('has audit entries of up to 4 kB, however large a change is', async () => {
    const { workspaceId, slug } = await inhabited();
    const allowedReturnOrigins = numbers(20).map(
      (i) => `https://${'a'.repeat(60)}.${'b'.repeat(60)}.example:${1000 + i}`,
    );
    const embeddingOrigins = allowedReturnOrigins;
    await updatePortal(store, workspaceId, slug, { allowedReturnOrigins, embeddingOrigins, name: 'N' }, commandLine);
    const [entry] = (await redis.xRevRange(keys.audit(workspaceId), '+', '-', { COUNT: 1 })) ?? [];
    const text = String(entry?.message['entry']);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4096);
    expect(JSON.parse(text).after).toMatchObject({ name: 'N' });
    expect(text).toMatch(/"\(\d+ bytes\)"/);
  });
});

describe('the sessions of a user', () => {
  test('have a limit, and those of another user do not count', async () => {
    const { pend, slug } = await inhabited();
    await Promise.all(numbers(60).map(() => pend(slug, 'busy')));
    await expect(pend(slug, 'busy')).rejects.toMatchObject(full('60 sessions per user'));
    expect(await pend(slug, 'another')).toMatch(/^pst_/);
  });

  test('do not count after their end', async () => {
    const { pend, slug, workspaceId } = await inhabited();
    await Promise.all(numbers(60).map(() => pend(slug, 'busy')));
    const [handle = ''] = (await recordNames(opened, workspaceId)).filter((name) => name.startsWith('session:'));
    expect(handle).not.toBe('');
    await revokeSessions(store, workspaceId, { externalId: 'busy' }, commandLine);
    await Promise.all(numbers(60).map(() => pend(slug, 'busy')));
    // As Redis does it, without a script.
    const handles = await redis.keys(`portico:{*}:${workspaceId}:session:*`);
    await redis.del(handles);
    expect(await pend(slug, 'busy')).toMatch(/^pst_/);
  });
});

describe('the keys of a deleted API', () => {
  test('are not found from the first moment, and removed in the background, with more than one step removes', async () => {
    const { newKey, newPortal, enter, newApi, workspaceId, rootKey, slug: first } = await inhabited();
    const apiId = await newApi();
    const otherApi = await newApi();
    const slug = await newPortal({ apiIds: [apiId, otherApi] });
    const session = await enter(slug, 'user');
    const other = await newKey(session, otherApi, { expires: Date.now() + hour });
    const made = await Promise.all(numbers(60).map(() => newKey(session, apiId)));
    const key = String(made[0]?.key);
    await deleteApi(store, workspaceId, apiId, commandLine);
    expect(await verifyKey(store, rootKey, { key })).toEqual({ valid: false, code: 'NOT_FOUND' });
    expect(await redis.hKeys(keys.deletedApis(workspaceId))).toEqual([apiId]);
    // As a server does that starts after another has stopped in between.
    const list = async () => [{ workspaceId, name: '', enabled: true, createdAt: 0 }];
    await continueRemovals({ ...store, workspaces: { ...store.workspaces, list } });
    const ids = (await recordNames(opened, workspaceId)).filter((name) => name.startsWith('key-id:'));
    expect(ids).toEqual([`key-id:${other.keyId}`]);
    expect((await recordNames(opened, workspaceId)).filter((name) => name.startsWith('api-key:'))).toHaveLength(1);
    // The last key that is left has an end.
    expect(await redis.pTTL(keys.userKeyOrder({ workspaceId, externalId: 'user' }))).toBeGreaterThan(0);
    await deletePortal(store, workspaceId, slug, commandLine);
    await deletePortal(store, workspaceId, first, commandLine);
    const contents = await contentsOf(opened, workspaceId);
    expect(quotaIn(contents)).toBe(bytesIn(contents));
  });
});
