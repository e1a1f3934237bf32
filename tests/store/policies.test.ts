/** What a verification decides and counts by the policies of an API and of a user. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { sha256 } from '../../src/server/domain/credentials.ts';
import { updateIdentity } from '../../src/server/domain/identities/identities.ts';
import { usableApis } from '../../src/server/domain/keys/key-access.ts';
import { deleteKey, updateKey } from '../../src/server/domain/keys/keys.ts';
import { createApi, updateApi } from '../../src/server/domain/portals/apis.ts';
import { verifyKey } from '../../src/server/domain/usage/usage.ts';
import { keys } from '../../src/server/store/keys.ts';
import { partitionOf, partitionOfHash } from '../../src/server/store/partitions.ts';
import type { Policy } from '../../src/server/store/policies.ts';
import { newWorkspace, openStore, type TestWorkspace } from '../support/store.ts';

const opened = await openStore();
const { store, hooks, redis } = opened;
afterAll(opened.stop);
afterEach(() => {
  hooks.now = undefined;
  hooks.commands = undefined;
});

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
/** A Tuesday in the future, so that no record expires during the test. */
const tuesday = Date.UTC(2040, 0, 3, 12);

type UserPolicySettings = NonNullable<
  Exclude<Parameters<typeof updateIdentity>[3], (...args: never) => unknown>['policy']
>;
type Request = Omit<Parameters<typeof verifyKey>[2], 'key'>;

let workspace: TestWorkspace;
beforeAll(async () => {
  workspace = await newWorkspace(store);
});

/** An API with this policy and a portal, in the workspace of the tests or another one. */
async function governed(policy: Policy, of = workspace) {
  const { apiId } = await createApi(store, of.workspaceId, { name: 'API', policy }, commandLine);
  const slug = await of.newPortal({ apiIds: [apiId] });
  const enter = (externalId = 'user') => of.enter(slug, externalId);
  const session = await enter();
  const newKey = (settings: Parameters<TestWorkspace['newKey']>[2] = {}, by = session) =>
    of.newKey(by, apiId, settings);
  const verify = (key: string, request: Request = {}) => verifyKey(store, of.rootKey, { key, ...request });
  const codes = async (key: string, ...requests: Request[]) => {
    const found: string[] = [];
    for (const request of requests) found.push((await verify(key, request)).code);
    return found.join(' ');
  };
  const change = (next: Policy | null) => updateApi(store, of.workspaceId, apiId, { policy: next }, commandLine);
  const owner = { workspaceId: of.workspaceId, externalId: 'user' };
  const setUser = (policy: UserPolicySettings) =>
    updateIdentity(store, of.workspaceId, owner.externalId, { policy }, commandLine);
  return { apiId, enter, session, newKey, verify, codes, change, owner, setUser };
}
/** The user of the tests has no policy of their own again. */
afterEach(() => updateIdentity(store, workspace.workspaceId, 'user', { policy: null }, commandLine));

const perKey = (limit: number, duration = hour): Policy => ({ perKey: { ratelimit: { limit, duration } } });
const perUser = (limit: number, duration = hour): Policy => ({ perUser: { ratelimit: { limit, duration } } });
const quotaOf = (limit: number, period = 'day', timeZone = 'UTC'): Policy => ({
  perUser: { quota: { limit, period, timeZone } },
});

describe('the rate limit of a key', () => {
  test('is that of the policy if the key has none', async () => {
    const { newKey, verify, codes } = await governed(perKey(2));
    const { key } = await newKey();
    expect(await verify(key)).toMatchObject({ code: 'VALID', ratelimit: { limit: 2, duration: hour, remaining: 1 } });
    expect(await codes(key, {}, {})).toBe('VALID RATE_LIMITED');
  });

  test('is its own if that is inside, else that of the policy, from the next verification on', async () => {
    const { newKey, verify, change } = await governed({});
    const { key } = await newKey({ ratelimit: { limit: 10, duration: hour } });
    const limitUnder = async (policy: Policy) => {
      await change(policy);
      const { limit, duration } = (await verify(key, { cost: 0 })).ratelimit ?? {};
      return [limit, duration];
    };
    expect(await limitUnder(perKey(11))).toEqual([10, hour]);
    expect(await limitUnder(perKey(10))).toEqual([10, hour]);
    expect(await limitUnder(perKey(9))).toEqual([9, hour]);
    // As many at once, and fewer over time.
    expect(await limitUnder(perKey(10, hour + 1))).toEqual([10, hour + 1]);
    expect(await limitUnder(perKey(100, 10 * hour))).toEqual([10, hour]);
    expect(await limitUnder({})).toEqual([10, hour]);
  });

  test('of a lowered policy counts what the window has', async () => {
    const { newKey, verify, codes, change } = await governed(perKey(5));
    const { key } = await newKey();
    expect(await codes(key, {}, {}, {})).toBe('VALID VALID VALID');
    await change(perKey(3));
    expect(await verify(key)).toMatchObject({ code: 'RATE_LIMITED', ratelimit: { limit: 3, remaining: 0 } });
    await change(perKey(4));
    expect(await codes(key, {}, {})).toBe('VALID RATE_LIMITED');
  });

  test.each([
    ['removed', null],
    ['tighter', { limit: 2, duration: hour }],
    ['of a shorter window', { limit: 1, duration: 30 * minute }],
    ['of a longer window', { limit: 3, duration: 2 * hour }],
  ])('of a policy has one window, although its user changes that of the key: %s', async (_, ratelimit) => {
    const { newKey, codes, session } = await governed(perKey(3));
    const { key, keyId } = await newKey({ ratelimit: { limit: 2, duration: 40 * minute } });
    expect(await codes(key, {}, {}, {})).toBe('VALID VALID RATE_LIMITED');
    await updateKey(store, session, keyId, { ratelimit }, 10);
    // The last one of the window of the policy.
    expect(await codes(key, {}, {})).toBe('VALID RATE_LIMITED');
    await updateKey(store, session, keyId, { ratelimit: { limit: 2, duration: 40 * minute } }, 10);
    expect(await codes(key, {})).toBe('RATE_LIMITED');
    await updateKey(store, session, keyId, { ratelimit: null }, 10);
    expect(await codes(key, {})).toBe('RATE_LIMITED');
  });

  test('of a policy does not end with a shorter window of the key', async () => {
    const { newKey, codes, session } = await governed(perKey(3));
    const { key, keyId } = await newKey({ ratelimit: { limit: 1, duration: 20 * minute } });
    const begun = Date.now();
    hooks.now = begun;
    expect(await codes(key, {}, {})).toBe('VALID RATE_LIMITED');
    await updateKey(store, session, keyId, { ratelimit: null }, 10);
    hooks.now = begun + 21 * minute;
    expect(await codes(key, {}, {}, {})).toBe('VALID VALID RATE_LIMITED');
  });

  test('of a policy has a record that ends with its window, and that goes with the key', async () => {
    const { newKey, verify, session, owner } = await governed(perKey(3));
    const { key, keyId } = await newKey();
    const { ratelimit } = await verify(key);
    const name = `${keys.apiKeyRate(partitionOf(owner), sha256(key))}:policy`;
    expect(await redis.pExpireTime(name)).toBe(ratelimit?.reset);
    await deleteKey(store, session, keyId);
    expect(await redis.exists(name)).toBe(0);
  });

  test('does not hold a key in the long window of an earlier policy', async () => {
    const { newKey, verify, codes, change } = await governed(perKey(1, 30 * day));
    const { key } = await newKey();
    expect(await codes(key, {}, {})).toBe('VALID RATE_LIMITED');
    await change(perKey(1, minute));
    const again = await verify(key);
    expect(again).toMatchObject({ code: 'VALID', ratelimit: { remaining: 0 } });
    expect(again.ratelimit?.reset).toBeLessThanOrEqual(Date.now() + minute + 1000);
    expect(await codes(key, {})).toBe('RATE_LIMITED');
  });
});

describe('the rate limit of a user', () => {
  test('is shared by the keys of the user in the API, and by nobody else', async () => {
    const one = await governed(perUser(3));
    const [first, second] = [await one.newKey(), await one.newKey()];
    expect(await one.codes(first.key, {}, {})).toBe('VALID VALID');
    expect(await one.codes(second.key, {}, {})).toBe('VALID RATE_LIMITED');
    const theirs = await one.newKey({}, await one.enter('another'));
    expect(await one.verify(theirs.key)).toMatchObject({ code: 'VALID', ratelimit: { limit: 3, remaining: 2 } });
    const otherApi = await governed(perUser(3));
    expect(await otherApi.codes((await otherApi.newKey()).key, {}, {}, {})).toBe('VALID VALID VALID');
    const elsewhere = await governed(perUser(3), await newWorkspace(store));
    expect(await elsewhere.codes((await elsewhere.newKey()).key, {}, {}, {})).toBe('VALID VALID VALID');
  });

  test('or that of the key is shown: the one with less left', async () => {
    const { newKey, verify } = await governed({ ...perKey(5, minute), ...perUser(6, hour) });
    const [first, second] = [await newKey(), await newKey()];
    expect((await verify(first.key)).ratelimit).toMatchObject({ limit: 5, duration: minute, remaining: 4 });
    expect((await verify(first.key)).ratelimit).toMatchObject({ limit: 5, duration: minute, remaining: 3 });
    expect((await verify(second.key)).ratelimit).toMatchObject({ limit: 6, duration: hour, remaining: 3 });
  });
});

describe('the quota', () => {
  test('counts the cost of all verifications of the user in a period, and ends with it', async () => {
    const { newKey, verify, codes } = await governed(quotaOf(5));
    const [first, second] = [await newKey(), await newKey()];
    hooks.now = Date.UTC(2040, 0, 4) - 1;
    const reset = Date.UTC(2040, 0, 4);
    expect(await verify(first.key)).toMatchObject({ code: 'VALID', quota: { limit: 5, remaining: 4, reset } });
    expect(await verify(second.key, { cost: 4 })).toMatchObject({ code: 'VALID', quota: { remaining: 0, reset } });
    expect(await verify(first.key)).toMatchObject({ code: 'USAGE_EXCEEDED', valid: false, quota: { remaining: 0 } });
    hooks.now = reset;
    expect(await verify(first.key)).toMatchObject({ code: 'VALID', quota: { remaining: 4, reset: reset + day } });
    expect(await codes(second.key, { cost: 4 }, {})).toBe('VALID USAGE_EXCEEDED');
  });

  test.each([
    ['hour', 'UTC', Date.UTC(2040, 0, 3, 13)],
    ['week', 'UTC', Date.UTC(2040, 0, 9)],
    ['month', 'UTC', Date.UTC(2040, 1, 1)],
    ['day', 'America/Los_Angeles', Date.UTC(2040, 0, 4, 8)],
    ['month', 'Europe/Berlin', Date.UTC(2040, 0, 31, 23)],
    ['hour', 'Asia/Kathmandu', Date.UTC(2040, 0, 3, 12, 15)],
  ])('of each %s in %s begins anew with the calendar', async (period, timeZone, reset) => {
    const { newKey, verify } = await governed(quotaOf(1, period, timeZone));
    const { key } = await newKey();
    hooks.now = tuesday;
    expect(await verify(key)).toMatchObject({ code: 'VALID', quota: { remaining: 0, reset } });
    hooks.now = reset - 1;
    expect((await verify(key)).code).toBe('USAGE_EXCEEDED');
    hooks.now = reset;
    expect((await verify(key)).code).toBe('VALID');
  });

  test('of another period begins anew', async () => {
    const { newKey, codes, change, verify } = await governed(quotaOf(1));
    const { key } = await newKey();
    expect(await codes(key, {}, {})).toBe('VALID USAGE_EXCEEDED');
    await change(quotaOf(2, 'month'));
    expect(await verify(key)).toMatchObject({ code: 'VALID', quota: { limit: 2, remaining: 1 } });
    expect(await codes(key, {}, {})).toBe('VALID USAGE_EXCEEDED');
  });

  test('has a record that ends with its period, and so has the rate limit with its window', async () => {
    const { newKey, verify, owner, apiId } = await governed({
      perUser: { ...perUser(9).perUser, ...quotaOf(9).perUser },
    });
    const { quota, ratelimit } = await verify((await newKey()).key);
    expect(await redis.pExpireTime(keys.quotaUse(owner, apiId))).toBe(quota?.reset);
    expect(await redis.pExpireTime(keys.userRate(owner, apiId))).toBe(ratelimit?.reset);
  });
});

describe('the cost', () => {
  test('is consumed from every limit, and nothing is consumed by a verification that is refused', async () => {
    const policy = { ...perKey(10), perUser: { ...perUser(20).perUser, ...quotaOf(15).perUser } };
    const { newKey, verify, owner, apiId } = await governed(policy);
    const [first, second] = [await newKey(), await newKey()];
    const used = async () => [
      await redis.get(keys.userRate(owner, apiId)),
      await redis.get(keys.quotaUse(owner, apiId)),
    ];
    expect(await verify(first.key, { cost: 8 })).toMatchObject({
      ratelimit: { remaining: 2 },
      quota: { remaining: 7 },
    });
    expect(await used()).toEqual(['8', '8']);
    expect(await verify(first.key, { cost: 3 })).toMatchObject({
      ...{ code: 'RATE_LIMITED', ratelimit: { remaining: 2 }, quota: { remaining: 7 } },
    });
    expect(await verify(second.key, { cost: 8 })).toMatchObject({
      ...{ code: 'USAGE_EXCEEDED', ratelimit: { remaining: 10 }, quota: { remaining: 7 } },
    });
    expect(await used()).toEqual(['8', '8']);
    expect(await verify(second.key, { cost: 7 })).toMatchObject({ code: 'VALID', quota: { remaining: 0 } });
    expect(await used()).toEqual(['15', '15']);
  });

  test('of 0 asks whether one more is left, and consumes nothing', async () => {
    const { newKey, verify, codes, owner, apiId } = await governed({ ...perKey(1), ...quotaOf(5) });
    const { key } = await newKey();
    const asked = await verify(key, { cost: 0 });
    expect(asked).toMatchObject({ code: 'VALID', ratelimit: { remaining: 1 }, quota: { remaining: 5 } });
    expect(asked.ratelimit?.reset).toBeGreaterThan(Date.now() + hour - minute);
    expect(await redis.exists(keys.quotaUse(owner, apiId))).toBe(0);
    expect(await codes(key, {}, { cost: 0 }, {})).toBe('VALID RATE_LIMITED RATE_LIMITED');
  });
});

describe('scopes', () => {
  test('are those of the key that the policy allows, and a request needs all it names', async () => {
    const { newKey, verify, codes, change } = await governed({ scopes: ['a', 'b c', 'd'] });
    const { key } = await newKey({ scopes: ['a', 'b c'] });
    expect(await verify(key)).toMatchObject({ code: 'VALID', scopes: ['a', 'b c'] });
    const requests = [['a'], ['a', 'b c'], [], ['d'], ['a', 'd'], ['b'], ['a,b c'], ['A']].map((scopes) => ({
      scopes,
    }));
    const lacks = 'INSUFFICIENT_PERMISSIONS';
    expect(await codes(key, ...requests)).toBe(`VALID VALID VALID ${lacks} ${lacks} ${lacks} ${lacks} ${lacks}`);
    await change({ scopes: ['b c'] });
    expect(await verify(key, { scopes: ['b c'] })).toMatchObject({ code: 'VALID', scopes: ['b c'] });
    expect(await codes(key, { scopes: ['a'] })).toBe(lacks);
    await change(null);
    const none = await verify(key, { scopes: ['b c'] });
    expect(none.code).toBe(lacks);
    expect(none).not.toHaveProperty('scopes');
  });

  test('of any key are allowed by a policy of the user with null', async () => {
    const { newKey, codes, setUser } = await governed({});
    await setUser({ scopes: null });
    const { key } = await newKey({ scopes: ['anything'] });
    expect(await codes(key, { scopes: ['anything'] }, { scopes: ['other'] })).toBe('VALID INSUFFICIENT_PERMISSIONS');
  });
});

describe('the address', () => {
  test('must be in a range of the key and in one of the policy', async () => {
    const { newKey, codes, change } = await governed({});
    const { key } = await newKey({ ipRanges: ['192.0.2.0/25', '2001:db8::/33'] });
    const bare = await newKey();
    const from = (...addresses: string[]) => addresses.map((ip) => ({ ip }));
    const addresses = from('192.0.2.127', '192.0.2.128', '2001:db8:7fff::1', '2001:db8:8000::1', '::ffff:192.0.2.1');
    expect(await codes(key, {}, ...addresses)).toBe('FORBIDDEN VALID FORBIDDEN VALID FORBIDDEN VALID');
    expect(await codes(bare.key, {}, ...from('192.0.2.1'))).toBe('VALID VALID');
    await change({ ipRanges: { mode: 'allowed', ranges: ['192.0.2.64/26', '198.51.100.0/24'] } });
    expect(await codes(key, ...from('192.0.2.1', '192.0.2.65', '198.51.100.1'))).toBe('FORBIDDEN VALID FORBIDDEN');
    expect(await codes(bare.key, {}, ...from('192.0.2.1', '198.51.100.1'))).toBe('FORBIDDEN FORBIDDEN VALID');
    await change({ ipRanges: { mode: 'required', ranges: [] } });
    expect(await codes(key, ...from('192.0.2.1', '192.0.3.1'))).toBe('VALID FORBIDDEN');
    expect(await codes(bare.key, ...from('192.0.2.1'))).toBe('FORBIDDEN');
  });

  test('is in a range of all addresses of its family', async () => {
    const { newKey, codes } = await governed({});
    const { key } = await newKey({ ipRanges: ['0.0.0.0/0'] });
    expect(await codes(key, {}, { ip: '192.0.2.1' }, { ip: '2001:db8::1' })).toBe('FORBIDDEN VALID FORBIDDEN');
  });
});

test('a key ends when it has lived as long as the policy allows, or at its own end if that is sooner', async () => {
  const { newKey, verify, change } = await governed({});
  const [endless, ending] = [await newKey(), await newKey({ expires: Date.now() + hour })];
  await change({ maxLifetime: 2 * hour });
  const { expires = 0 } = await verify(endless.key);
  expect(Math.abs(expires - Date.now() - 2 * hour)).toBeLessThan(minute);
  expect((await verify(ending.key)).expires).toBeLessThan(expires - minute);
  hooks.now = expires - 1;
  expect((await verify(endless.key)).code).toBe('VALID');
  hooks.now = expires;
  expect((await verify(endless.key)).code).toBe('EXPIRED');
});

test('the first reason in the order of the contract decides', async () => {
  const { newKey, codes, change, session } = await governed({ scopes: ['a'] });
  const { key, keyId } = await newKey({ scopes: ['a'] });
  await codes(key, {});
  const all = { scopes: ['b'] };
  await change({
    ...perKey(1),
    ...quotaOf(1),
    ipRanges: { mode: 'allowed', ranges: ['192.0.2.0/24'] },
    maxLifetime: minute,
  });
  expect(await codes(key, { ip: '192.0.2.1' }, { ip: '192.0.2.1' })).toBe('VALID RATE_LIMITED');
  expect(await codes(key, { ...all, ip: '192.0.2.1' }, all)).toBe('INSUFFICIENT_PERMISSIONS FORBIDDEN');
  hooks.now = Date.now() + 2 * minute;
  expect(await codes(key, all)).toBe('EXPIRED');
  hooks.now = undefined;
  await updateKey(store, session, keyId, { enabled: false }, 10);
  hooks.now = Date.now() + 2 * minute;
  expect(await codes(key, all)).toBe('DISABLED');
});

describe('the policy of a user', () => {
  test('replaces parts of that of the API, in both directions, and null removes them', async () => {
    const ofApi = { ...perKey(5), perUser: { ...perUser(4).perUser, ...quotaOf(3).perUser } };
    const { newKey, verify, setUser } = await governed(ofApi);
    const { key } = await newKey();
    const limits = async (policy: UserPolicySettings) => {
      await setUser(policy);
      const { ratelimit, quota } = await verify(key, { cost: 0 });
      return [ratelimit?.limit, quota?.limit];
    };
    expect(await limits({})).toEqual([4, 3]);
    expect(await limits({ perUser: { quota: { limit: 1000, period: 'month', timeZone: 'Asia/Tokyo' } } })).toEqual([
      4, 1000,
    ]);
    expect(await limits({ perUser: { ratelimit: null, quota: null } })).toEqual([5, undefined]);
    expect(await limits({ perKey: { ratelimit: null }, perUser: { ratelimit: null } })).toEqual([undefined, 3]);
    expect(await limits({ perKey: { ratelimit: { limit: 2, duration: hour } } })).toEqual([2, 3]);
  });

  test('holds in an API without a policy', async () => {
    const { newKey, codes, setUser } = await governed({});
    const { key } = await newKey();
    await setUser(quotaOf(1, 'hour', 'Asia/Kathmandu'));
    expect(await codes(key, {}, {})).toBe('VALID USAGE_EXCEEDED');
  });

  test('is that of its user only', async () => {
    const { newKey, codes, enter, setUser } = await governed({});
    await setUser(quotaOf(1));
    const theirs = await newKey({}, await enter('another'));
    expect(await codes(theirs.key, {}, {})).toBe('VALID VALID');
  });
});

describe('after the first verification, the next one is one round trip', () => {
  const counted = async (work: () => Promise<unknown>) => {
    hooks.commands = 0;
    await work();
    return hooks.commands;
  };

  test('under a policy, also with a period of the user that the API does not have', async () => {
    // Others were used since.
    const one = await governed({ ...perKey(100), ...quotaOf(100, 'day', 'Europe/Berlin') });
    const { key } = await one.newKey();
    const other = await governed(perKey(100));
    await one.setUser({ perUser: { quota: { limit: 100, period: 'week', timeZone: 'Asia/Tokyo' } } });
    await one.verify(key);
    await other.verify((await other.newKey()).key);
    expect(await counted(() => one.verify(key))).toBe(1);
  });

  test('for a key that is forwarded to the partition of its user', async () => {
    const { newKey, verify, owner } = await governed({});
    // A key that was not made here: its SHA-256 names any partition.
    const place = partitionOf(owner);
    const key = Array.from({ length: 99 }, (_, i) => `imported_${i}`).find(
      (text) => partitionOfHash(sha256(text)) !== place.partition,
    );
    if (key === undefined) throw new Error('some of 99 keys are of other partitions');
    const hash = sha256(key);
    const value = String(await redis.get(keys.apiKey(place, sha256((await newKey()).key))));
    await redis.set(keys.apiKey(place, hash), value);
    await redis.set(keys.apiKey({ ...place, partition: partitionOfHash(hash) }, hash), `>${place.partition}`);
    expect(await counted(() => verify(key))).toBeGreaterThan(1);
    expect(await counted(() => verify(key))).toBe(1);
    // A record that is gone is not remembered.
    await redis.del(keys.apiKey(place, hash));
    expect((await verify(key)).code).toBe('NOT_FOUND');
  });
});

test('a count that ends between the two reads of it is none', async () => {
  const owner = { workspaceId: workspace.workspaceId, externalId: 'ending' };
  const name = keys.userRate(owner, 'api_1');
  await redis.set(name, '3', { expiration: { type: 'PX', value: hour } });
  expect(await store.limitCounts.find(owner, 'api_1')).toEqual({ rate: { used: 3, ends: expect.any(Number) } });
  // After its end PEXPIRETIME is negative, as it is without one.
  await redis.persist(name);
  expect(await store.limitCounts.find(owner, 'api_1')).toEqual({});
  await redis.del(name);
  expect(await store.limitCounts.find(owner, 'api_1')).toEqual({});
});

test('users see a prefix and a policy only where their API has one', async () => {
  const { apiId, session } = await governed(perKey(5));
  const prefixed = await workspace.newApi('acme');
  const both = await workspace.enter(await workspace.newPortal({ apiIds: [apiId, prefixed] }), 'user');
  const actions = ['read_key', 'create_key', 'update_key', 'delete_key', 'read_analytics'];
  const policy = { perKey: { ratelimit: { limit: 5, duration: hour } } };
  const governedApi = { apiId, name: 'API', actions, scopes: [], policy };
  expect(await usableApis(store, session, async () => undefined)).toEqual([governedApi]);
  expect(await usableApis(store, both, async () => undefined)).toEqual([
    governedApi,
    { apiId: prefixed, name: 'API', prefix: 'acme', actions, scopes: [] },
  ]);
});
