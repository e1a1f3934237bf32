/** The limits on calls: the last call that is allowed, the first that is not, and who shares a limit with whom. */
import { randomInt } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { sessionRef, sha256 } from '../../src/server/domain/credentials.ts';
import {
  authenticatePortalSession,
  createSession,
  exchangeSession,
} from '../../src/server/domain/sessions/sessions.ts';
import { verifyKey, verifyKeys } from '../../src/server/domain/usage/usage.ts';
import {
  authenticateRootKey,
  cachedRootKey,
  createRootKey,
  revokeRootKey,
} from '../../src/server/domain/workspaces/root-keys.ts';
import { createWorkspace, setWorkspaceEnabled } from '../../src/server/domain/workspaces/workspaces.ts';
import { keys } from '../../src/server/store/keys.ts';
import type { CachedRootKey, SessionRef } from '../../src/server/store/proof.ts';
import { newWorkspace, numbers, openStore, type TestWorkspace } from '../support/store.ts';

const limit = 3;
/** One store sets things up without limits, the other has them. Each has its own cache of root keys. */
const free = await openStore();
const { store, redis, stop } = await openStore({
  rateLimits: { rootKey: limit, session: limit, exchange: limit, failedAuthentication: limit },
});
afterAll(() => Promise.all([free.stop(), stop()]));
afterEach(() => {
  jest.restoreAllMocks();
  free.hooks.commands = undefined;
});

let workspace: TestWorkspace;
let slug: string;
beforeAll(async () => {
  workspace = await newWorkspace(free.store);
  slug = await workspace.newPortal();
});

/** The record of the calls of a session. */
function sessionCalls(token: string): string {
  const ref = sessionRef('ps', token) as SessionRef;
  return keys.sessionCalls(ref, ref.handle);
}

/** An address that no other test calls from. */
const newAddress = () => `2001:db8:${randomInt(65_536).toString(16)}:${randomInt(65_536).toString(16)}::1`;
const from = (ip: string) => ({ ip });

/** The outcomes of calls one after another: 'ok', or the error. */
async function outcomes(many: number, call: () => Promise<unknown>): Promise<string[]> {
  const found: string[] = [];
  for (const _ of numbers(many))
    found.push(
      await call().then(
        () => 'ok',
        (error) => String(error.code),
      ),
    );
  return found;
}
const limited = 'user/too_many_requests/rate_limited';
const exactly = [...numbers(limit).map(() => 'ok'), limited, limited];

describe.each<[string, () => Promise<{ call: () => Promise<unknown>; record: string }>]>([
  [
    'a root key',
    async () => {
      const { rootKey } = await createRootKey(free.store, { workspaceId: workspace.workspaceId }, commandLine);
      return {
        call: () => authenticateRootKey(store, rootKey),
        record: keys.rootKeyCalls(workspace.workspaceId, sha256(rootKey)),
      };
    },
  ],
  [
    'a browser session',
    async () => {
      const { token } = await exchangeSession(free.store, await workspace.pend(slug, 'user'), from(newAddress()));
      return {
        call: () => authenticatePortalSession(store, [token]),
        record: sessionCalls(token),
      };
    },
  ],
  [
    'an address that exchanges',
    async () => {
      const address = newAddress();
      const call = () =>
        exchangeSession(store, 'pst_unknown', from(address)).catch((error) => {
          if (error.code !== 'unkey/authentication/portal_session_not_found') throw error;
        });
      return { call, record: `${keys.exchangeCalls}:${address.replace('::1', '::/64')}` };
    },
  ],
])('the limit of %s', (_, open) => {
  test('is exact, and the error has the limit and the time until the next window', async () => {
    const { call, record } = await open();
    expect(await outcomes(limit + 2, call)).toEqual(exactly);
    const left = await redis.pTTL(record);
    const error = (await call().catch((refusal) => refusal)) as { retryAfterMs: number };
    expect(error).toMatchObject({ code: limited, rateLimit: limit });
    expect(error.retryAfterMs).toBeGreaterThan(0);
    expect(error.retryAfterMs).toBeLessThanOrEqual(60_000);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(60_000);
  });

  test('is its own', async () => {
    const [one, two] = [await open(), await open()];
    expect(await outcomes(limit + 2, one.call)).toEqual(exactly);
    expect(await outcomes(1, two.call)).toEqual(['ok']);
  });
});

describe('a limit of which processes borrow', () => {
  const high = 1000;
  const stores = Promise.all(
    ['one', 'another'].map(() =>
      openStore({ rateLimits: { rootKey: high, session: high, exchange: 0, failedAuthentication: 0 } }),
    ),
  );
  afterAll(async () => Promise.all((await stores).map((each) => each.stop())));

  type Call = (of: (typeof free)['store']) => Promise<unknown>;
  /** How many calls one process accepts until it refuses. */
  async function accepted(process: 0 | 1, call: Call, most = Number.POSITIVE_INFINITY): Promise<number> {
    const { store: of } = (await stores)[process] as Awaited<ReturnType<typeof openStore>>;
    for (let sum = 0; sum < most; sum++) {
      const [found] = await outcomes(1, () => call(of));
      if (found === limited) return sum;
      if (found !== 'ok') throw new Error(found);
    }
    return most;
  }

  test.each<[string, () => Promise<Call>]>([
    [
      'of a root key',
      async () => {
        const { rootKey } = await createRootKey(free.store, { workspaceId: workspace.workspaceId }, commandLine);
        return (of) => authenticateRootKey(of, rootKey);
      },
    ],
    [
      'of a browser session',
      async () => {
        const { token } = await exchangeSession(free.store, await workspace.pend(slug, 'user'), from(newAddress()));
        return (of) => authenticatePortalSession(of, [token]);
      },
    ],
  ])('%s is never exceeded, and reached at most 2 percent early', async (_, open) => {
    const call = await open();
    // One process borrows, and does not use it; in the end it does.
    const early = (await accepted(0, call, 1)) + (await accepted(1, call));
    expect(early).toBeGreaterThanOrEqual(0.98 * high);
    expect(early + (await accepted(0, call))).toBeLessThanOrEqual(high);
  });

  test('is never exceeded by calls for many keys', async () => {
    const { rootKey } = await createRootKey(free.store, { workspaceId: workspace.workspaceId }, commandLine);
    const verified = await authenticateRootKey(free.store, rootKey);
    const many = numbers(90).map(() => ({ key: 'unknown' }));
    // The authentication has counted one of them.
    const call: Call = (of) => verifyKeys(of, verified, many);
    const sum = (many.length - 1) * ((await accepted(0, call, 3)) + (await accepted(1, call)));
    expect(sum).toBeGreaterThan(0.98 * high - many.length);
    expect(sum).toBeLessThanOrEqual(high);
  });
});

test('a call in the next window is allowed', async () => {
  const { rootKey } = await createRootKey(free.store, { workspaceId: workspace.workspaceId }, commandLine);
  const call = () => authenticateRootKey(store, rootKey);
  expect(await outcomes(limit + 2, call)).toEqual(exactly);
  // The window is over when its record is. The process has remembered its end.
  const later = performance.now() + 60_000;
  jest.spyOn(performance, 'now').mockReturnValue(later);
  await redis.del(keys.rootKeyCalls(workspace.workspaceId, sha256(rootKey)));
  expect(await outcomes(limit + 2, call)).toEqual(exactly);
});

test('a limit of 0 is none, counts nothing, and costs no command', async () => {
  const { rootKey } = await createRootKey(free.store, { workspaceId: workspace.workspaceId }, commandLine);
  free.hooks.commands = 0;
  expect(new Set(await outcomes(20, () => authenticateRootKey(free.store, rootKey)))).toEqual(new Set(['ok']));
  expect(await redis.exists(keys.rootKeyCalls(workspace.workspaceId, sha256(rootKey)))).toBe(0);
  const address = newAddress();
  const exchange = () => exchangeSession(free.store, 'pst_unknown', from(address));
  expect(new Set(await outcomes(20, exchange))).toEqual(new Set(['unkey/authentication/portal_session_not_found']));
  // Each authentication has read its root key.
  expect(free.hooks.commands).toBe(20);
});

test('addresses of one /64 share a limit, and those of two do not', async () => {
  const address = newAddress();
  const exchange = (ip: string) => exchangeSession(store, 'pst_unknown', from(ip));
  await outcomes(limit, () => exchange(address));
  await expect(exchange(address.replace('::1', '::ffff:1'))).rejects.toMatchObject({ code: limited });
  await expect(exchange(newAddress())).rejects.not.toMatchObject({ code: limited });
});

test('an exchange over the limit of its address spends a valid id and returns its session', async () => {
  const address = newAddress();
  await outcomes(limit, () => exchangeSession(store, 'pst_unknown', from(address)));
  const sessionId = await workspace.pend(slug, 'user');
  const { token } = await exchangeSession(store, sessionId, from(address));
  expect(await authenticatePortalSession(free.store, [token])).toMatchObject({ grant: { externalId: 'user' } });
  await expect(exchangeSession(store, sessionId, from(address))).rejects.toMatchObject({ code: limited });
});

describe('failed authentications of an address', () => {
  const { failedAuthentication } = store;
  const network = (address: string) => address.replace('::1', '::/64');

  test('are refused over the limit, and then without Redis until the window ends', async () => {
    const address = network(newAddress());
    const record = `${keys.failedCalls}:${address}`;
    expect(await outcomes(limit, () => failedAuthentication.count(address))).toEqual(Array(limit).fill('ok'));
    failedAuthentication.refuseBlocked(address, []);
    const refusal = { code: limited, rateLimit: limit, retryAfterMs: expect.any(Number) };
    await expect(failedAuthentication.count(address)).rejects.toMatchObject(refusal);
    expect(failedAuthentication.hasBlocked()).toBe(true);
    for (const _ of numbers(5)) {
      expect(() => failedAuthentication.refuseBlocked(address, ['a'])).toThrow(expect.objectContaining(refusal));
    }
    expect(await redis.get(record)).toBe(String(limit + 1));
    expect(await redis.pTTL(record)).toBeGreaterThan(0);
  });

  test('do not refuse another address, nor a credential that was valid', async () => {
    const address = network(newAddress());
    await outcomes(limit + 1, () => failedAuthentication.count(address));
    failedAuthentication.refuseBlocked(network(newAddress()), []);
    failedAuthentication.accept('valid');
    failedAuthentication.refuseBlocked(address, ['other', 'valid']);
    expect(() => failedAuthentication.refuseBlocked(address, ['other'])).toThrow(
      expect.objectContaining({ code: limited }),
    );
  });

  test('are not counted without a limit', async () => {
    const address = network(newAddress());
    free.hooks.commands = 0;
    expect(await outcomes(2, () => free.store.failedAuthentication.count(address))).toEqual(['ok', 'ok']);
    expect([free.hooks.commands, free.store.failedAuthentication.hasBlocked()]).toEqual([0, false]);
  });
});

describe('a script that verifies the root key itself', () => {
  /** A root key that the limited store has cached, with as many calls left as the limit but one. */
  async function cached() {
    const created = await createWorkspace(free.store, { name: 'Acme' }, commandLine);
    await authenticateRootKey(store, created.rootKey);
    return { ...created, rootKey: cachedRootKey(store, created.rootKey) as CachedRootKey };
  }
  const request = { slug: 'none', externalId: 'user', permissions: [], preview: false };
  const calls: [string, (rootKey: CachedRootKey) => Promise<unknown>][] = [
    ['createSession', (rootKey) => createSession(store, rootKey, request, {})],
    ['verifyKey', (rootKey) => verifyKey(store, rootKey, { key: 'unknown' })],
  ];

  test.each(calls)('%s counts the call once', async (_, call) => {
    const { rootKey } = await cached();
    const found = await outcomes(limit, () => call(rootKey));
    expect(found.slice(0, -1)).not.toContain(limited);
    expect(found.at(-1)).toBe(limited);
  });

  test.each(calls)('%s does not count a call that is counted already', async (_, call) => {
    const { workspaceId } = workspace;
    const created = await createRootKey(free.store, { workspaceId }, commandLine);
    const verified = await authenticateRootKey(store, created.rootKey);
    expect(await outcomes(limit + 1, () => call(verified as unknown as CachedRootKey))).not.toContain(limited);
    expect(await redis.hGet(keys.rootKeyCalls(workspaceId, verified.hash), 'counted')).toBe('1');
  });

  test.each(calls)('%s refuses a revoked key, and one of a disabled or deleted workspace', async (_, call) => {
    const revoked = await cached();
    await revokeRootKey(store, revoked.workspaceId, revoked.rootKeyId, commandLine);
    await expect(call(revoked.rootKey)).rejects.toMatchObject({ code: 'unkey/authentication/key_not_found' });
    const { workspaceId, rootKey } = await cached();
    await setWorkspaceEnabled(store, workspaceId, false, commandLine);
    await expect(call(rootKey)).rejects.toMatchObject({ code: 'unkey/authorization/workspace_disabled' });
    await redis.del(keys.workspace(workspaceId));
    await expect(call(rootKey)).rejects.toMatchObject({ code: 'unkey/data/workspace_not_found' });
    expect(await redis.hGet(keys.rootKeyCalls(workspaceId, rootKey.hash), 'counted')).toBe('1');
  });
});

describe('a call for several keys', () => {
  const unknown = (count: number) => numbers(count).map(() => ({ key: 'unknown' }));
  const newCaller = async () => {
    const created = await createRootKey(free.store, { workspaceId: workspace.workspaceId }, commandLine);
    const verified = await authenticateRootKey(store, created.rootKey);
    const used = () => redis.hGet(keys.rootKeyCalls(workspace.workspaceId, verified.hash), 'counted');
    return { verified, used };
  };

  test('counts as many calls as it has keys, up to the limit', async () => {
    const { verified, used } = await newCaller();
    expect(await verifyKeys(store, verified, unknown(limit))).toHaveLength(limit);
    expect(await used()).toBe(String(limit));
  });

  test('verifies none of them over the limit, and tells when the window ends', async () => {
    const { verified, used } = await newCaller();
    let decided = 0;
    const watched = { ...store, usage: { ...store.usage, verify: () => Promise.reject(new Error(`${decided++}`)) } };
    await expect(verifyKeys(watched, verified, unknown(limit + 1))).rejects.toMatchObject({
      code: limited,
      rateLimit: limit,
      retryAfterMs: expect.any(Number),
    });
    expect(decided).toBe(0);
    // What is refused is not counted.
    expect(await used()).toBe('1');
  });

  test('with one key costs nothing more than its authentication', async () => {
    const { verified, used } = await newCaller();
    await verifyKeys(store, verified, unknown(1));
    expect(await used()).toBe('1');
  });

  test('is not counted without a limit', async () => {
    const { rootKey } = await createRootKey(free.store, { workspaceId: workspace.workspaceId }, commandLine);
    const verified = await authenticateRootKey(free.store, rootKey);
    await verifyKeys(free.store, verified, unknown(3));
    expect(await redis.exists(keys.rootKeyCalls(workspace.workspaceId, verified.hash))).toBe(0);
  });
});
