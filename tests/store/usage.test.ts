/** What the store decides, remembers, counts and reads of the usage of keys, on records that the tests write themselves. */
import { afterAll, afterEach, describe, expect, jest, test } from '@jest/globals';
import { commandLine } from '../../src/server/cli/operator.ts';
import { sha256 } from '../../src/server/domain/credentials.ts';
import { updateIdentity } from '../../src/server/domain/identities/identities.ts';
import { importKeys } from '../../src/server/domain/keys/imports.ts';
import { createKey, deleteKey } from '../../src/server/domain/keys/keys.ts';
import { addressOf } from '../../src/server/domain/networks.ts';
import { periodsOf } from '../../src/server/domain/policies/periods.ts';
import { createApi, deleteApi, updateApi } from '../../src/server/domain/portals/apis.ts';
import { keys } from '../../src/server/store/keys.ts';
import { partitionOf } from '../../src/server/store/partitions.ts';
import type { Policy } from '../../src/server/store/policies.ts';
import { bucketMs, longestDayMs, minutesStoredMs, parseLogged, restTtlOf } from '../../src/server/store/usage.ts';
import { newWorkspace, numbers, openStore } from '../support/store.ts';

const opened = await openStore();
const { store, hooks, redis } = opened;
afterAll(opened.stop);
afterEach(() => {
  Object.assign(hooks, { now: undefined, commands: undefined, between: undefined });
  jest.restoreAllMocks();
});

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
/** The start of a day in the future, so that no record expires during the test. */
const epoch = Math.ceil(Date.now() / day) * day;

const perKey = (limit: number): Policy => ({ perKey: { ratelimit: { limit, duration: hour } } });
const quotaOf = (period: string, limit = 9) => ({ perUser: { quota: { limit, period, timeZone: 'UTC' } } });

const { workspaceId, rootKey } = await newWorkspace(store);
const newApi = async (policy?: Policy) =>
  (await createApi(store, workspaceId, { name: 'API', ...(policy && { policy }) }, commandLine)).apiId;
/** An API of each kind. */
const [free, alsoFree] = [await newApi(), await newApi()];
const [once, often, always] = [await newApi(perKey(1)), await newApi(perKey(100)), await newApi(perKey(200))];
const [daily, reading, writing] = [
  await newApi(quotaOf('day')),
  await newApi({ scopes: ['read'] }),
  await newApi({ scopes: ['write'] }),
];

type Request = Parameters<typeof store.usage.verify>[3];
const verify = (hash: string, request?: Request, of = periodsOf) => store.usage.verify(rootKey, hash, of, request);
/** The codes of some verifications, and how many commands each took. */
async function costs(...hashes: string[]): Promise<string[]> {
  const found: string[] = [];
  for (const hash of hashes) {
    hooks.commands = 0;
    const { code } = await verify(hash);
    found.push(`${code} ${hooks.commands}`);
  }
  hooks.commands = undefined;
  return found;
}

let users = 0;
/** A user of their own for each run of a test. The process uses the API of the last key that is made as the likely one. */
function newUser() {
  const externalId = `usér ${users++}`;
  const newKey = async (apiId: string, settings = {}) => {
    const { key, keyId } = await createKey(store, rootKey, { apiId, externalId, ...settings }, 100);
    return { hash: sha256(key), keyId };
  };
  const setUser = (policy: object | null) => updateIdentity(store, workspaceId, externalId, { policy }, commandLine);
  return { externalId, owner: { workspaceId, externalId }, newKey, setUser };
}

test('the times of usage: buckets, how long each is stored, and the fields of a log', () => {
  expect((['minute', 'quarterHour', 'day'] as const).map(bucketMs)).toEqual([minute, 15 * minute, day]);
  expect([longestDayMs, minutesStoredMs, restTtlOf(90)]).toEqual([26 * hour, 48 * hour, 90 * day + 26 * hour]);
  expect(parseLogged('29000000 api_1 key_1 V')).toEqual({ time: 29_000_000 * minute, keyId: 'key_1', letter: 'V' });
  expect(parseLogged('29000000 api_1  R')).toEqual({ time: 29_000_000 * minute, keyId: '', letter: 'R' });
});

describe('the decision of the usage store', () => {
  test('is the code, the record and its API, and nothing else without limits', async () => {
    const { newKey, externalId } = newUser();
    const apiIds = [free, alsoFree, once, often];
    const found = [];
    const made = await Promise.all(apiIds.map((apiId) => newKey(apiId)));
    for (const { hash } of made) found.push(await verify(hash), await verify(hash));
    const parts = (i: number) => ({
      record: expect.objectContaining({ keyId: made[i]?.keyId, apiId: apiIds[i], externalId }),
      api: expect.objectContaining({ apiId: apiIds[i] }),
    });
    const ratelimit = (limit: number, remaining: number) => ({
      ratelimit: { limit, duration: hour, remaining, reset: expect.any(Number) },
    });
    expect(found).toEqual([
      { code: 'VALID', ...parts(0) },
      { code: 'VALID', ...parts(0) },
      { code: 'VALID', ...parts(1) },
      { code: 'VALID', ...parts(1) },
      // The policies of two APIs, of which a step knows one.
      { code: 'VALID', ...parts(2), ...ratelimit(1, 0) },
      { code: 'RATE_LIMITED', ...parts(2), ...ratelimit(1, 0) },
      { code: 'VALID', ...parts(3), ...ratelimit(100, 99) },
      { code: 'VALID', ...parts(3), ...ratelimit(100, 98) },
    ]);
  });

  test('has the policy of the user and the quota, also if nothing is left and the API has no policy', async () => {
    const { newKey, setUser } = newUser();
    const { hash } = await newKey(free);
    await setUser(quotaOf('day', 1));
    const { end, nextEnd } = periodsOf('day,UTC');
    const expected = (code: string) => ({
      ...{ code, record: expect.any(Object), api: expect.any(Object), userPolicy: quotaOf('day', 1) },
      quota: { limit: 1, remaining: 0, reset: expect.any(Number) },
    });
    const found = [await verify(hash), await verify(hash)];
    expect(found).toEqual([expected('VALID'), expected('USAGE_EXCEEDED')]);
    expect(found.map((one) => [end, nextEnd].includes(Number('quota' in one && one.quota?.reset)))).toEqual([
      true,
      true,
    ]);
  });

  test('depends on each part of the request alone: cost, scopes, address and API', async () => {
    const { newKey } = newUser();
    const [limited, ranged, scoped] = [
      await newKey(free, { ratelimit: { limit: 10, duration: hour } }),
      await newKey(free, { ipRanges: ['192.0.2.0/24'] }),
      await newKey(reading, { scopes: ['read'] }),
    ];
    const left = async (request?: object) => {
      const found = await verify(limited.hash, request);
      return 'ratelimit' in found && found.ratelimit?.remaining;
    };
    expect([await left({ cost: 3 }), await left(), await left({ cost: 1, apiId: free })]).toEqual([7, 6, 5]);
    expect(await verify(limited.hash, { apiId: reading })).toEqual({ code: 'NOT_FOUND' });
    const code = async (hash: string, request?: object) => (await verify(hash, request)).code;
    const [inside, outside] = ['192.0.2.255', '192.0.3.0'].map((text) => ({ ip: String(addressOf(text)) }));
    expect([await code(ranged.hash, inside), await code(ranged.hash, outside), await code(ranged.hash)]).toEqual([
      ...['VALID', 'FORBIDDEN', 'FORBIDDEN'],
    ]);
    const scopes = [[['read']], [['write']], [['write'], ['read']], [['read', 'write']], []];
    const codes = [];
    for (const sets of scopes) codes.push(await code(scoped.hash, { scopes: sets }));
    const lacking = 'INSUFFICIENT_PERMISSIONS';
    expect(codes).toEqual(['VALID', lacking, 'VALID', lacking, 'VALID']);
  });

  test('asks what an operation needs of the API of the key, and once more when that is certain', async () => {
    const { newKey } = newUser();
    const needs: Record<string, string[][]> = { [free]: [], [reading]: [['read']], [writing]: [['write']] };
    const made = [
      await newKey(free),
      await newKey(reading, { scopes: ['read'] }),
      await newKey(writing, { scopes: ['write'] }),
    ];
    const asked: unknown[][] = [];
    type Operation = NonNullable<NonNullable<Parameters<typeof verify>[1]>['operation']>;
    const known: Operation = (...[id, { apiId }, isCertain]) => {
      asked.push([id, apiId, isCertain]);
      return needs[apiId];
    };
    const unknown: Operation = (...[id, { apiId }, isCertain]) => {
      asked.push([id, apiId, isCertain]);
      return isCertain ? Promise.resolve(needs[apiId] ?? []) : undefined;
    };
    const codes = async (operation: Operation) => {
      const found = [];
      for (const { hash } of made) found.push((await verify(hash, { operation })).code);
      return found;
    };
    expect(await codes(known)).toEqual(['VALID', 'VALID', 'VALID']);
    expect(asked).toEqual([
      [workspaceId, writing, false],
      [workspaceId, free, true],
      [workspaceId, free, false],
      [workspaceId, reading, true],
      [workspaceId, reading, false],
      [workspaceId, writing, true],
    ]);
    asked.length = 0;
    expect(await codes(unknown)).toEqual(['VALID', 'VALID', 'VALID']);
    expect(asked).toEqual(
      [free, reading, writing].flatMap((id) => [
        [workspaceId, id, false],
        [workspaceId, id, true],
      ]),
    );
    expect((await verify(made[0]?.hash ?? '', { operation: () => [['read']] })).code).toBe('INSUFFICIENT_PERMISSIONS');
  });

  test('fails if the period of the quota keeps changing, after five periods', async () => {
    const { hash } = await newUser().newKey(daily);
    const over = jest.fn(() => ({ start: 0, end: 1, nextEnd: 2 }));
    await expect(verify(hash, {}, over)).rejects.toThrow('kept changing');
    const again = ['day,UTC', expect.any(Number)];
    expect(over.mock.calls).toEqual([['day,UTC', undefined], again, again, again, again, again]);
  });

  test('is by the policy of the API of that moment, whenever it changes, until the API is deleted', async () => {
    const apiId = await newApi(perKey(1000));
    const { hash } = await newUser().newKey(apiId);
    const limits = [];
    for (const roundTrips of [1, 2, 3]) {
      await updateApi(store, workspaceId, apiId, { policy: perKey(1000) }, commandLine);
      const step = () => updateApi(store, workspaceId, apiId, { policy: perKey(2000) }, commandLine);
      hooks.between = { roundTrips, step };
      const found = await verify(hash);
      hooks.between = undefined;
      limits.push('ratelimit' in found && found.ratelimit?.limit);
    }
    expect(limits).toEqual([2000, 2000, 2000]);
    await deleteApi(store, workspaceId, apiId, commandLine);
    expect(await verify(hash)).toEqual({ code: 'NOT_FOUND' });
  });
});

describe('the usage store remembers where a key is, so that its next verification takes one command', () => {
  test('with the policies of several APIs, of which it sends the likely one', async () => {
    const { newKey } = newUser();
    const [c, b, b2, a] = [await newKey(always), await newKey(often), await newKey(often), await newKey(free)];
    // The last API has no policy, and the last one with a policy is that of b.
    expect(await costs(b.hash, b2.hash, a.hash)).toEqual(['VALID 1', 'VALID 1', 'VALID 1']);
    expect(await costs(c.hash, b.hash, c.hash, a.hash, b.hash)).toEqual(['VALID 2', ...Array(4).fill('VALID 1')]);
  });

  test('with the period of the quota of the user, also when that changes', async () => {
    const { newKey, setUser } = newUser();
    const [a, b] = [await newKey(often), await newKey(often)];
    await costs(a.hash, b.hash);
    for (const period of ['day', 'month']) {
      await setUser(quotaOf(period));
      expect(await costs(a.hash, a.hash, b.hash, a.hash)).toEqual(['VALID 2', 'VALID 1', 'VALID 2', 'VALID 1']);
    }
    await setUser(null);
    expect(await costs(a.hash, a.hash)).toEqual(['VALID 1', 'VALID 1']);
  });

  test('in another partition than its hash names, until it is gone, and again as a key of another API', async () => {
    const { newKey, owner, externalId } = newUser();
    const own = await newKey(often);
    // It names the partition after that of the user.
    const named = (partitionOf(owner).partition + 1) % 64;
    const hash = named.toString(16).padStart(2, '0') + sha256(externalId).slice(2);
    const settings = { hash, start: 'old_', externalId };
    const importTo = async (apiId: string) =>
      String((await importKeys(store, rootKey, { apiId, keys: [settings] }, 9))[0]?.keyId);
    const first = await importTo(often);
    expect(await costs(own.hash, hash, hash, own.hash)).toEqual(['VALID 1', 'VALID 2', 'VALID 1', 'VALID 1']);
    await deleteKey(store, rootKey, first);
    expect(await costs(hash, hash)).toEqual(['NOT_FOUND 2', 'NOT_FOUND 1']);
    const second = await importTo(often);
    expect(await costs(hash, hash)).toEqual(['VALID 2', 'VALID 1']);
    await deleteKey(store, rootKey, second);
    await importTo(always);
    // The process still knows the partition, and learns the API.
    expect(await costs(hash, hash, own.hash, hash)).toEqual(['VALID 2', 'VALID 1', 'VALID 1', 'VALID 1']);
    // A forward without a record is removed when it is found.
    const forward = keys.apiKey({ workspaceId, partition: named }, hash);
    await redis.del(keys.apiKey(partitionOf(owner), hash));
    await redis.set(forward, `>${partitionOf(owner).partition}`);
    expect([(await verify(hash)).code, await redis.exists(forward)]).toEqual(['NOT_FOUND', 0]);
  });
});

test('a report of usage adds to a key that exists, once at each position', async () => {
  const { newKey, owner } = newUser();
  const { hash, keyId } = await newKey(free);
  hooks.now = epoch;
  const use = { hash, count: 5, report: 'a', position: 0 };
  const reported = (more: object) => store.usage.report(rootKey, { ...use, ...more });
  expect([await reported({}), await reported({}), await reported({ position: 1, count: 2 })]).toEqual([5, 0, 2]);
  expect([await reported({ report: 'b' }), await reported({ hash: sha256('unknown') })]).toEqual([5, 0]);
  expect({ ...(await redis.hGetAll(keys.usageLog(owner))) }).toEqual({
    [`${epoch / minute} ${free} ${keyId} V`]: '12',
  });
  expect(await redis.ttl(keys.report(partitionOf(owner), rootKey.rootKeyId, 'a'))).toBeGreaterThan(200);
});

/** A user of a workspace that has nothing but a log of usage. */
function userWithLog() {
  const externalId = 'usér';
  const owner = { workspaceId: `ws_usage_${process.pid}_${users++}`, externalId };
  return {
    of: owner.workspaceId,
    log: async (fields: Record<string, number>, work = keys.usageWork(partitionOf(owner))) => {
      await redis.hSet(keys.usageLog(owner), fields);
      await redis.zAdd(work, { score: 0, value: Buffer.from(externalId).toString('base64url') });
    },
    logged: () => redis.hLen(keys.usageLog(owner)),
    rollUp: (at: number, options: object = {}) => {
      hooks.now = at;
      return store.usage.rollUp(90, { workspaceId: owner.workspaceId, ...options });
    },
    read: async (resolution: 'minute' | 'quarterHour' | 'day', start: number, end: number, keyId?: string) => {
      const of = { externalId, apiId: 'api_1', ...(keyId !== undefined && { keyId }) };
      const buckets = await store.usage.read(owner.workspaceId, [of], resolution, { start, end });
      return Object.fromEntries([...buckets].map(([time, counts]) => [(time - epoch) / minute, counts]));
    },
  };
}
/** A field of a log. */
const field = (at: number, keyId: string, letter: string, apiId = 'api_1') =>
  `${epoch / minute + at} ${apiId} ${keyId} ${letter}`;

describe('the usage store reads', () => {
  test('each outcome by its name, and leaves out what a later version counts', async () => {
    const { log, read, rollUp } = userWithLog();
    const letters = [...'VRDEUIFX'];
    await log(Object.fromEntries(letters.map((letter, i) => [field(0, 'key_1', letter), i + 1])));
    const expected = {
      ...{ VALID: 1, RATE_LIMITED: 2, DISABLED: 3, EXPIRED: 4 },
      ...{ USAGE_EXCEEDED: 5, INSUFFICIENT_PERMISSIONS: 6, FORBIDDEN: 7 },
    };
    const all = async () => [await read('day', epoch, epoch + day), await read('minute', epoch, epoch + 1, 'key_1')];
    expect(await all()).toEqual([{ 0: expected }, { 0: expected }]);
    await rollUp(epoch + hour);
    expect(await all()).toEqual([{ 0: expected }, { 0: expected }]);
  });

  test('a long window in stretches of 31 days, each count once', async () => {
    const { log, read, rollUp, of: workspace } = userWithLog();
    const days = [0, 1, 30, 31, 32, 61, 62, 63].map((number) => number * 1440);
    const fields = days.flatMap((at, i) => [
      [field(at - 1, 'key_1', 'V'), 1],
      [field(at, 'key_1', 'V'), 10 + i],
      [field(at, 'key_2', 'V', 'api_2'), 1],
    ]);
    await log(Object.fromEntries(fields));
    const counts = Object.fromEntries(
      days.flatMap((at, i) => [
        [at - 1, { VALID: 1 }],
        [at, { VALID: 10 + i }],
      ]),
    );
    const inDays = (all: typeof counts) => {
      const sums: Record<number, { VALID: number }> = {};
      for (const [at, { VALID }] of Object.entries(all)) {
        const start = Math.floor(Number(at) / 1440) * 1440;
        sums[start] = { VALID: (sums[start]?.VALID ?? 0) + VALID };
      }
      return sums;
    };
    const within = (start: number, end: number) =>
      Object.fromEntries(Object.entries(counts).filter(([at]) => Number(at) >= start && Number(at) < end));
    expect(await read('minute', epoch, epoch + 63 * day)).toEqual(within(0, 63 * 1440));
    expect(await read('minute', epoch - minute, epoch + 63 * day + 1)).toEqual(counts);
    expect(await read('minute', epoch + 1, epoch + 62 * day)).toEqual(within(1, 62 * 1440));
    expect(await read('minute', epoch, epoch + 62 * day - minute)).toEqual(within(0, 62 * 1440 - 1));
    await rollUp(epoch + 64 * day);
    expect(await read('day', epoch - day, epoch + 64 * day)).toEqual(inDays(counts));
    expect(await read('day', epoch, epoch + 62 * day)).toEqual(inDays(within(0, 62 * 1440)));
    const commands = async (many: number) => {
      hooks.commands = 0;
      const owners = ['api_1', 'api_2'].map((apiId) => ({ externalId: 'usér', apiId }));
      await store.usage.read(workspace, owners, 'day', { start: epoch, end: epoch + many * day });
      return hooks.commands;
    };
    expect([await commands(31), await commands(32), await commands(62), await commands(63)]).toEqual([2, 4, 4, 6]);
  });

  test('everything of a workspace, from logs and days, in each resolution that is stored', async () => {
    const { log, rollUp, of: workspace } = userWithLog();
    const everything = async () => {
      const found: Record<string, unknown> = {};
      for await (const { owner, resolution, buckets } of store.usage.everything(workspace)) {
        const times = [...buckets].map(([time, counts]) => [(time - epoch) / minute, counts]);
        const name = `${owner.apiId} ${owner.keyId ?? 'all'} ${resolution}`;
        const isExpected = owner.externalId === 'usér' && !(name in found);
        found[isExpected ? name : `${name} of ${owner.externalId}`] = Object.fromEntries(times);
      }
      return found;
    };
    await log({
      [field(17, 'key_1', 'V')]: 2,
      [field(31, 'key_1', 'R')]: 3,
      [field(17, '', 'V')]: 4,
      [field(1440, 'key_2', 'V', 'api_2')]: 5,
    });
    const days = {
      'api_1 all day': { 0: { VALID: 6, RATE_LIMITED: 3 } },
      'api_1 all quarterHour': { 15: { VALID: 6 }, 30: { RATE_LIMITED: 3 } },
      'api_1 key_1 day': { 0: { VALID: 2, RATE_LIMITED: 3 } },
      'api_1 key_1 quarterHour': { 15: { VALID: 2 }, 30: { RATE_LIMITED: 3 } },
    };
    const minutes = {
      'api_1 all minute': { 17: { VALID: 6 }, 31: { RATE_LIMITED: 3 } },
      'api_1 key_1 minute': { 17: { VALID: 2 }, 31: { RATE_LIMITED: 3 } },
    };
    const second = Object.fromEntries(
      ['all', 'key_2'].flatMap((keyId) =>
        ['minute', 'quarterHour', 'day'].map((resolution) => [`api_2 ${keyId} ${resolution}`, { 1440: { VALID: 5 } }]),
      ),
    );
    expect(await everything()).toEqual({ ...days, ...minutes, ...second });
    await rollUp(epoch + hour);
    expect(await everything()).toEqual({ ...days, ...minutes, ...second });
    // The minutes of the first day are gone, and there is more of it in the log.
    await rollUp(epoch + 3 * day);
    expect(await everything()).toEqual({ ...days, ...second });
    await log({ [field(32, 'key_1', 'R')]: 1, [field(33, 'key_1', 'R')]: 1 });
    expect(await everything()).toEqual({
      ...second,
      'api_1 all day': { 0: { VALID: 6, RATE_LIMITED: 5 } },
      'api_1 all quarterHour': { 15: { VALID: 6 }, 30: { RATE_LIMITED: 5 } },
      'api_1 all minute': { 32: { RATE_LIMITED: 1 }, 33: { RATE_LIMITED: 1 } },
      'api_1 key_1 day': { 0: { VALID: 2, RATE_LIMITED: 5 } },
      'api_1 key_1 quarterHour': { 15: { VALID: 2 }, 30: { RATE_LIMITED: 5 } },
      'api_1 key_1 minute': { 32: { RATE_LIMITED: 1 }, 33: { RATE_LIMITED: 1 } },
    });
  });
});

describe('the usage store rolls up', () => {
  test('a log of any length, and forgets all of its minutes', async () => {
    const { log, logged, rollUp, read } = userWithLog();
    await log(Object.fromEntries(numbers(150).map((i) => [field(i, `key_${i}`, 'V'), 1])));
    await rollUp(epoch + day);
    expect(await logged()).toBe(0);
    expect(await read('day', epoch, epoch + day)).toEqual({ 0: { VALID: 150 } });
    await rollUp(epoch + 4 * day);
    expect(await read('minute', epoch, epoch + day)).toEqual({});
  });

  test('nothing once it is told to stop', async () => {
    const { log, logged, rollUp } = userWithLog();
    await log({ [field(0, 'key_1', 'V')]: 1 });
    await rollUp(epoch + day, { signal: AbortSignal.abort() });
    expect(await logged()).toBe(1);
    await rollUp(epoch + day, { signal: new AbortController().signal });
    expect(await logged()).toBe(0);
  });

  test('no day that it cannot read, says so, and loses no count', async () => {
    const { log, logged, rollUp, of: workspace } = userWithLog();
    await log({ [field(0, 'key_1', 'V')]: 1 });
    await redis.hSet(keys.usageDay({ workspaceId: workspace, externalId: 'usér' }, 'api_1', epoch / day), 'V', '"!$!');
    await expect(rollUp(epoch + hour)).rejects.toThrow('fewer numbers');
    expect(await logged()).toBe(1);
  });

  test('the partitions in which this process has verified a key in the last 15 minutes', async () => {
    const { newKey, owner } = newUser();
    const { hash } = await newKey(free);
    const start = Math.ceil(performance.now());
    const clock = jest.spyOn(performance, 'now');
    const logged = async (ms: number) => {
      clock.mockReturnValue(start);
      hooks.now = epoch;
      await verify(hash);
      clock.mockReturnValue(start + ms);
      hooks.now = epoch + hour;
      await store.usage.rollUp(90);
      return redis.hLen(keys.usageLog(owner));
    };
    expect([await logged(0), await logged(15 * minute), await logged(15 * minute + 1)]).toEqual([0, 0, 1]);
  });
});
