/** How counts move from the log of a user to the records of days, and that none is lost or comes twice. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { deleteKey } from '../../src/server/domain/keys/keys.ts';
import { getVerifications, verifyKey } from '../../src/server/domain/usage/usage.ts';
import { createStore } from '../../src/server/store/index.ts';
import { keys } from '../../src/server/store/keys.ts';
import { partitionOf } from '../../src/server/store/partitions.ts';
import { connectRedis } from '../../src/server/store/redis.ts';
import { fewFields } from '../../src/server/store/scripts/usage.ts';
import { readSeries } from '../../src/server/store/usage-series.ts';
import { withHooks } from '../support/redis-hooks.ts';
import { sharedRedis } from '../support/shared/client.ts';
import { newWorkspace, numbers, openStore, recordKeys, recordNames, usersOf } from '../support/store.ts';

const opened = await openStore();
const { store, hooks, redis } = opened;
afterAll(opened.stop);
afterEach(() => {
  Object.assign(hooks, { now: undefined, first: undefined, between: undefined });
});

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
const retentionDays = 90;
/** The start of a day in the future, so that no record expires during the test. */
const epoch = Math.ceil(Date.now() / day) * day;
const externalId = 'user {1}: é';

/** A user with some keys in one API. */
async function userWithKeys(many: number, on = store) {
  const workspace = await newWorkspace(on);
  const { workspaceId, rootKey } = workspace;
  const apiId = await workspace.newApi();
  const session = await workspace.enter(await workspace.newPortal({ apiIds: [apiId] }), externalId);
  const made = await Promise.all(numbers(many).map(() => workspace.newKey(session, apiId)));
  const window = { start: epoch - 3 * day, end: epoch + 6 * day };
  const read = async (resolution: 'minute' | 'quarterHour' | 'day', keyId?: string) =>
    [
      ...(await store.usage.read(
        workspaceId,
        [{ externalId, apiId, ...(keyId !== undefined && { keyId }) }],
        resolution,
        window,
      )),
    ].sort(([a], [b]) => a - b);
  const names = (kind: RegExp) => recordNames(opened, workspaceId).then((all) => all.filter((name) => kind.test(name)));
  return {
    ...{ workspaceId, rootKey, apiId, session, made, read, names },
    use: async (key: number, ...times: number[]) => {
      for (const time of times) {
        hooks.now = time;
        await verifyKey(store, rootKey, { key: String(made[key]?.key) });
      }
    },
    rollUp: async (at: number) => {
      hooks.now = at;
      await store.usage.rollUp(retentionDays, { workspaceId });
    },
    fields: () => redis.hGetAll(keys.usageLog({ workspaceId, externalId })),
    dayName: (number: number) => keys.usageDay({ workspaceId, externalId }, apiId, number),
    topName: (number: number) => keys.usageTop({ workspaceId, externalId }, apiId, number),
  };
}

test('a minute moves once it is closed and five minutes old, by the clock of Redis, and reads see no difference', async () => {
  const { use, rollUp, fields, read, names, made, apiId } = await userWithKeys(1);
  await use(0, epoch, epoch + minute - 1, epoch + 5 * minute);
  const [one] = made;
  expect(await fields()).toEqual({
    [`${epoch / minute} ${apiId} ${one?.keyId} V`]: '2',
    [`${epoch / minute + 5} ${apiId} ${one?.keyId} V`]: '1',
  });
  const all = async () =>
    Promise.all((['minute', 'quarterHour', 'day'] as const).flatMap((unit) => [read(unit), read(unit, one?.keyId)]));
  const before = await all();
  await rollUp(epoch + 5 * minute - 1);
  expect(await names(/^usage:/)).toEqual([]);
  await rollUp(epoch + 5 * minute);
  expect(Object.values(await fields())).toEqual(['1']);
  expect(await names(/^usage:/)).toHaveLength(1);
  expect(await all()).toEqual(before);
  await rollUp(epoch + 10 * minute);
  expect(await names(/^usage-log:/)).toEqual([]);
  expect(await all()).toEqual(before);
  expect(before[0]).toEqual([
    [epoch, { VALID: 2 }],
    [epoch + 5 * minute, { VALID: 1 }],
  ]);
});

test('the first verification in a day takes at most 500 bytes, before and after it moves, and a full year little', async () => {
  const { use, rollUp, names, workspaceId, dayName } = await userWithKeys(1);
  // A ZSET has its real size for many users only.
  const entry = { score: epoch + day, value: `${'u'.repeat(14)}:api_${'a'.repeat(20)}:20000` };
  const others = numbers(1000).map((i) => ({ ...entry, value: `${entry.value}${i}` }));
  await redis.zAdd(keys.usageWork(partitionOf({ workspaceId, externalId })), others);
  const sizeOf = async () => {
    const found = [...(await recordKeys(opened, workspaceId))].filter(([name]) => /^usage(-log)?:/.test(name));
    const sizes = found.map(([, key]) => redis.memoryUsage(key));
    const perEntry = Number(await redis.memoryUsage(keys.usageWork(partitionOf({ workspaceId, externalId })))) / 1001;
    return (await Promise.all(sizes)).reduce<number>((sum, size) => sum + Number(size), perEntry);
  };
  await use(0, epoch);
  expect(await sizeOf()).toBeLessThan(500);
  await rollUp(epoch + hour);
  expect(await names(/^usage-log:/)).toEqual([]);
  expect(await sizeOf()).toBeLessThan(500);
  for (const i of numbers(96)) for (const _ of numbers(33)) await use(0, epoch + i * 15 * minute);
  await rollUp(epoch + 4 * day);
  // Before, the key and its user took four times 544 bytes in a day, and 48 more for the days.
  expect(Number(await redis.memoryUsage(dayName(epoch / day)))).toBeLessThan((4 * 544 + 48) / 2);
});

test('a series has the sum of all counts that were added to it, in any parts and any order', async () => {
  const lua = await readFile(
    join(import.meta.dirname, '../../src/server/store/scripts/snippets/usageSeries.lua'),
    'utf8',
  );
  const add = `${lua}
local positions, counts = {}, {}
for i = 2, #ARGV, 2 do
  positions[#positions + 1] = tonumber(ARGV[i])
  counts[tonumber(ARGV[i])] = tonumber(ARGV[i + 1])
end
return addTo(ARGV[1], positions, counts)`;
  // Near each other or far from each other, so that gaps are split anywhere.
  const position = fc.oneof(fc.nat(12), fc.nat(70), fc.nat(1439));
  const part = fc.uniqueArray(fc.tuple(position, fc.constantFrom(1, 5, 31, 32, 1023, 1024, 70_000)), {
    ...{ minLength: 1, maxLength: 12 },
    selector: ([at]) => at,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 6 }), async (parts) => {
      let series = '';
      const sums = new Map<number, number>();
      for (const counts of parts) {
        const inOrder = counts.toSorted(([a], [b]) => a - b);
        series = String(await redis.eval(add, { arguments: [series, ...inOrder.flat().map(String)] }));
        for (const [at, count] of counts) sums.set(at, (sums.get(at) ?? 0) + count);
      }
      expect(readSeries(series)).toEqual([...sums].sort(([a], [b]) => a - b));
      expect(series).toMatch(/^[!-~]+$/);
    }),
    { numRuns: 300 },
  );
});

describe('counts are exact', () => {
  test('in any order of minutes, keys, roll-ups and parts, with a clock that goes back', async () => {
    const step = fc.record({
      /** In minutes since the epoch: over the ends of days, quarter hours and minutes, with duplicates. */
      at: fc.oneof(
        fc.integer({ min: 0, max: 3 * 1440 }),
        fc.constantFrom(0, 14, 15, 59, 60, 1439, 1440, 1441, 2879, 2880),
      ),
      key: fc.nat(2),
      many: fc.constantFrom(1, 1, 2, 31, 32, 33, 1023, 1024, 40_000),
      rollUpAt: fc.option(fc.integer({ min: 0, max: 6 * 1440 }), { freq: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (all) => {
        const { workspaceId, apiId, made, read, rollUp } = await userWithKeys(3);
        const expected: Record<string, Map<number, number>> = {};
        for (const { at, key, many, rollUpAt } of all) {
          const keyId = String(made[key]?.keyId);
          await redis.hIncrBy(
            keys.usageLog({ workspaceId, externalId }),
            `${epoch / minute + at} ${apiId} ${keyId} V`,
            many,
          );
          await redis.zAdd(keys.usageWork(partitionOf({ workspaceId, externalId })), {
            score: 0,
            value: Buffer.from(externalId).toString('base64url'),
          });
          for (const owner of ['', keyId]) {
            const counts = expected[owner] ?? new Map();
            expected[owner] = counts;
            counts.set(at, (counts.get(at) ?? 0) + many);
          }
          if (rollUpAt !== null) await rollUp(epoch + rollUpAt * minute);
        }
        await rollUp(epoch + 6 * day);
        const sums = (counts: Map<number, number>, length: number) => {
          const found = new Map<number, number>();
          for (const [at, many] of counts) {
            const time = epoch + Math.floor(at / length) * length * minute;
            found.set(time, (found.get(time) ?? 0) + many);
          }
          return [...found].sort(([a], [b]) => a - b).map(([time, VALID]) => [time, { VALID }]);
        };
        for (const [owner, counts] of Object.entries(expected)) {
          const keyId = owner === '' ? undefined : owner;
          expect(await read('quarterHour', keyId)).toEqual(sums(counts, 15));
          expect(await read('day', keyId)).toEqual(sums(counts, 1440));
        }
      }),
      { numRuns: 15 },
    );
  });

  test('while several processes verify, roll up and read at the same time', async () => {
    const { workspaceId, made, rootKey, session, read } = await userWithKeys(3);
    let at = epoch;
    // Each has its own connection, and the clock of all goes on by a minute with each verification.
    const processes = await Promise.all(
      numbers(3).map(async () => {
        const own = connectRedis((await sharedRedis()).url);
        await own.ready;
        const ownHooks = {
          get now() {
            return at;
          },
        };
        return createStore(withHooks(own, ownHooks), { maxEntries: 1, maxAgeDays: 1 });
      }),
    );
    const [first, second, third] = processes as [typeof store, typeof store, typeof store];
    let sent = 0;
    const totals: [atLeast: number, found: number, atMost: number][] = [];
    for (const i of numbers(60)) {
      at += minute;
      const before = sent;
      const uses = numbers(4).map(async (j) => {
        await verifyKey(processes[j % 3] ?? store, rootKey, { key: String(made[(i + j) % 3]?.key) });
        sent += 1;
      });
      const found = store.usage.read(
        workspaceId,
        [{ externalId, apiId: String(made[0] && session.portal.apiIds[0]) }],
        'day',
        { start: epoch, end: epoch + 2 * day },
      );
      const rolled = [first, second, third].map((one) => one.usage.rollUp(retentionDays, { workspaceId }));
      const counted = [...(await found).values()].reduce((sum, { VALID = 0 }) => sum + VALID, 0);
      await Promise.all([...uses, ...rolled]);
      totals.push([before, counted, sent]);
    }
    await Promise.all(processes.map((one) => one.close()));
    expect(totals.filter(([least, found, most]) => found < least || found > most)).toEqual([]);
    expect((await read('minute')).reduce((sum, [, { VALID = 0 }]) => sum + VALID, 0)).toBe(240);
    expect((await read('day'))[0]?.[1]).toEqual({ VALID: 240 });
  });

  test.each([1, 2, 3])('if a process ends after step %i of a large roll-up, and another one goes on', async (steps) => {
    const { workspaceId, apiId, read, rollUp, names } = await userWithKeys(1);
    // More than a HASH of one text can have, with a minute that is not closed.
    const minutes = numbers(700).map((i) => epoch / minute + i * 3);
    const fields = Object.fromEntries(minutes.map((number) => [`${number} ${apiId} key_gone V`, '1']));
    await redis.hSet(keys.usageLog({ workspaceId, externalId }), fields);
    const user = Buffer.from(externalId).toString('base64url');
    await redis.zAdd(keys.usageWork(partitionOf({ workspaceId, externalId })), { score: 0, value: user });
    const isOut = new Error('out');
    hooks.between = { roundTrips: steps, step: () => Promise.reject(isOut) };
    await expect(rollUp(epoch + 1000 * minute)).rejects.toBe(isOut);
    const all = async () => (await read('minute', 'key_gone')).map(([, { VALID = 0 }]) => VALID);
    expect(await all()).toEqual(minutes.map(() => 1));
    await rollUp(epoch + 1000 * minute);
    expect(await all()).toEqual(minutes.map(() => 1));
    expect(await redis.hLen(keys.usageLog({ workspaceId, externalId }))).toBe(
      minutes.filter((n) => n >= epoch / minute + 1000).length,
    );
    await rollUp(epoch + day + 700 * minute);
    await rollUp(epoch + 2 * day);
    expect(await names(/^usage-log:/)).toEqual([]);
    expect(await all()).toEqual(minutes.map(() => 1));
    expect((await read('day')).reduce((sum, [, { VALID = 0 }]) => sum + VALID, 0)).toBe(700);
  });

  test('of more users than one page of work has, and a signal stops after a page', async () => {
    const { workspaceId, apiId } = await userWithKeys(0);
    const place = partitionOf({ workspaceId, externalId });
    const users = usersOf(place, 120);
    await Promise.all(
      users.map(async (user) => {
        await redis.hSet(keys.usageLog({ workspaceId, externalId: user }), `${epoch / minute} ${apiId} key_1 V`, '1');
        const entry = { score: epoch, value: Buffer.from(user).toString('base64url') };
        await redis.zAdd(keys.usageWork(place), entry);
      }),
    );
    const left = async () => (await recordNames(opened, workspaceId)).filter((name) => /^usage-log:/.test(name)).length;
    hooks.now = epoch + hour;
    const stopping = new AbortController();
    // Each partition is asked for work, and this one has some.
    hooks.between = { roundTrips: place.partition + 1, step: async () => stopping.abort() };
    await store.usage.rollUp(retentionDays, { workspaceId, signal: stopping.signal });
    expect(await left()).toBe(70);
    await store.usage.rollUp(retentionDays, { workspaceId });
    expect(await left()).toBe(0);
    const owners = users.map((user) => ({ externalId: user, apiId }));
    const window = { start: epoch, end: epoch + day };
    expect([...(await store.usage.read(workspaceId, owners, 'day', window))]).toEqual([[epoch, { VALID: 120 }]]);
  });

  test('each refused outcome on its own', async () => {
    const { workspaceId, apiId, read, rollUp } = await userWithKeys(1);
    const log = keys.usageLog({ workspaceId, externalId });
    for (const [i, letter] of ['V', 'R', 'D', 'E'].entries())
      await redis.hIncrBy(log, `${epoch / minute} ${apiId} key_1 ${letter}`, i + 1);
    const counts = { VALID: 1, RATE_LIMITED: 2, DISABLED: 3, EXPIRED: 4 };
    const expected = [[epoch, counts]];
    expect([await read('minute'), await read('day', 'key_1')]).toEqual([expected, expected]);
    // More days than one step reads.
    const long = { start: epoch - 80 * day, end: epoch + 10 * day };
    expect([...(await store.usage.read(workspaceId, [{ externalId, apiId }], 'day', long))]).toEqual(expected);
    await redis.zAdd(keys.usageWork(partitionOf({ workspaceId, externalId })), {
      score: 0,
      value: Buffer.from(externalId).toString('base64url'),
    });
    await rollUp(epoch + hour);
    expect([await read('minute'), await read('day', 'key_1')]).toEqual([expected, expected]);
  });
});

test('a process rolls up the workspaces whose keys it has verified in the last quarter of an hour', async () => {
  const own = await openStore();
  try {
    const { workspaceId, made, rootKey, names } = await userWithKeys(1);
    await verifyKey(own.store, rootKey, { key: String(made[0]?.key) });
    own.hooks.now = Date.now() + hour;
    const clock = jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 16 * minute);
    await own.store.usage.rollUp(retentionDays);
    clock.mockRestore();
    await store.usage.rollUp(retentionDays);
    expect(await names(/^usage-log:/)).toHaveLength(1);
    own.hooks.now = undefined;
    await verifyKey(own.store, rootKey, { key: String(made[0]?.key) });
    own.hooks.now = Date.now() + hour;
    await own.store.usage.rollUp(retentionDays);
    expect(await names(/^usage-log:/)).toEqual([]);
    expect(await redis.zCard(keys.usageWork(partitionOf({ workspaceId, externalId })))).toBe(1);
  } finally {
    await own.stop();
  }
});

test('an export has each count once, although counts move to days meanwhile', async () => {
  const { workspaceId, apiId } = await userWithKeys(0);
  const users = numbers(6).map((i) => `user ${i}`);
  const count = async (user: string, at: number) => {
    await redis.hIncrBy(keys.usageLog({ workspaceId, externalId: user }), `${at / minute} ${apiId} key_1 V`, 1);
    const entry = { score: epoch, value: Buffer.from(user).toString('base64url') };
    await redis.zAdd(keys.usageWork(partitionOf({ workspaceId, externalId })), entry);
  };
  const move = async () => {
    hooks.now = epoch + 2 * day;
    await store.usage.rollUp(retentionDays, { workspaceId });
  };
  for (const user of users) await count(user, epoch);
  await move();
  for (const user of users.slice(1)) for (const at of [epoch, epoch + day]) await count(user, at);
  const found: [user: string, time: number, count: number][] = [];
  for await (const { owner, resolution, buckets } of store.usage.everything(workspaceId)) {
    if (resolution === 'day' && owner.keyId === undefined)
      for (const [time, { VALID = 0 }] of buckets) found.push([owner.externalId, time, VALID]);
    if (found.length === 1) await move();
  }
  const expected = users.flatMap((user, i) => [
    [user, epoch, i === 0 ? 1 : 2],
    ...(i === 0 ? [] : [[user, epoch + day, 1]]),
  ]);
  expect(found.sort()).toEqual(expected);
});

describe('minutes', () => {
  test('are removed two days after their day, also of a user who is inactive', async () => {
    const { use, rollUp, read, workspaceId, dayName, names } = await userWithKeys(2);
    await use(0, epoch, epoch + day - 1);
    await use(1, epoch + hour, epoch + day);
    const end = epoch + 3 * day;
    await rollUp(end - 1);
    expect((await read('minute')).map(([time]) => time)).toEqual([
      epoch,
      epoch + hour,
      epoch + day - minute,
      epoch + day,
    ]);
    const withMinutes = await redis.hGetAll(dayName(epoch / day));
    const [quarters, days] = [await read('quarterHour'), await read('day')];
    await rollUp(end);
    expect((await read('minute')).map(([time]) => time)).toEqual([epoch + day]);
    const after = await redis.hGetAll(dayName(epoch / day));
    expect(after).toEqual(
      Object.fromEntries(Object.entries(withMinutes).map(([field, value]) => [field, value.split(' ')[0]])),
    );
    expect([await read('quarterHour'), await read('day')]).toEqual([quarters, days]);
    await rollUp(end + day);
    expect(await read('minute')).toEqual([]);
    expect(await redis.exists(keys.usageWork(partitionOf({ workspaceId, externalId })))).toBe(0);
    // The two days, and in which APIs there are any.
    const kinds = (await names(/^usage/)).map((name) => name.split(':')[0]);
    expect(kinds).toEqual(['usage-apis', 'usage', 'usage']);
  });

  test('leave the list of the APIs of the user with the last day, or with the last limit that was used on it', async () => {
    const { workspaceId, use } = await userWithKeys(1);
    const endOfList = () => redis.pExpireTime(keys.usageApis({ workspaceId, externalId }));
    const rollUp = async (at: number, days: number) => {
      hooks.now = at;
      await store.usage.rollUp(days, { workspaceId });
    };
    await use(0, epoch);
    await rollUp(epoch + hour, 90);
    expect(await endOfList()).toBe(epoch + 91 * day + 26 * hour);
    // A day that is rolled up later does not shorten it, and a short retention does not end it before a limit of a month does.
    await use(0, epoch - day);
    await rollUp(epoch + hour, 1);
    expect(await endOfList()).toBe(epoch + 91 * day + 26 * hour);
    await use(0, epoch + 70 * day);
    await rollUp(epoch + 70 * day + hour, 1);
    expect(await endOfList()).toBe(epoch + (71 + 32) * day);
  });

  test('that come too late are only counted', async () => {
    const { use, rollUp, read } = await userWithKeys(1);
    await use(0, epoch);
    await rollUp(epoch + 3 * day);
    expect(await read('minute')).toEqual([]);
    expect(await read('quarterHour')).toEqual([[epoch, { VALID: 1 }]]);
  });

  test('of more fields than one step changes go, too', async () => {
    const { workspaceId, apiId, rollUp, read, dayName } = await userWithKeys(1);
    const fields = numbers(600).map((i) => [`${epoch / minute} ${apiId} key_${i} V`, '1']);
    await redis.hSet(keys.usageLog({ workspaceId, externalId }), Object.fromEntries(fields));
    await redis.zAdd(keys.usageWork(partitionOf({ workspaceId, externalId })), {
      score: 0,
      value: Buffer.from(externalId).toString('base64url'),
    });
    await rollUp(epoch + hour);
    expect(await read('minute')).toEqual([[epoch, { VALID: 600 }]]);
    await rollUp(epoch + 3 * day);
    const values = Object.values(await redis.hGetAll(dayName(epoch / day)));
    expect([values.length, values.filter((value) => value.includes(' '))]).toEqual([601, []]);
  });
});

test('a day lives a long day longer than the retention from its end, a later count of the same key extends nothing', async () => {
  const { use, rollUp, workspaceId, dayName } = await userWithKeys(2);
  const ends = async () => Number(await redis.pExpireTime(dayName(epoch / day)));
  const end = (days: number) => epoch + day + days * day + 26 * hour;
  await use(0, epoch);
  await rollUp(epoch + hour);
  expect(await ends()).toBe(end(retentionDays));
  await use(0, epoch + hour);
  hooks.now = epoch + 2 * hour;
  await store.usage.rollUp(1, { workspaceId });
  expect(await ends()).toBe(end(retentionDays));
  // Another retention holds for what is created from now on.
  await use(1, epoch + 2 * hour);
  hooks.now = epoch + 3 * hour;
  await store.usage.rollUp(366, { workspaceId });
  expect(await ends()).toBe(end(366));
});

describe('a deleted key', () => {
  test.each([
    ['in the log', 0],
    ['in a day', hour],
  ])('leaves its counts %s to its user only', async (_, later) => {
    const { use, rollUp, read, session, made, fields, dayName } = await userWithKeys(2);
    const [gone, other] = made.map(({ keyId }) => keyId) as [string, string];
    await use(0, epoch, epoch + minute);
    await use(1, epoch);
    await rollUp(epoch + later);
    const before = await read('minute');
    await deleteKey(store, session, gone);
    const parts = async () => JSON.stringify([await fields(), await redis.hGetAll(dayName(epoch / day))]);
    expect(await parts()).not.toContain(gone);
    expect(await parts()).toContain(other);
    expect(await read('minute')).toEqual(before);
    await use(1, epoch + minute);
    await rollUp(epoch + 2 * hour);
    expect(await parts()).not.toContain(gone);
    expect(await read('day')).toEqual([[epoch, { VALID: 4 }]]);
    expect(await read('day', gone)).toEqual([]);
    expect(await read('day', other)).toEqual([[epoch, { VALID: 2 }]]);
  });
});

test('an API has nothing of another one, in the log and in days', async () => {
  const { workspaceId } = await userWithKeys(0);
  const log = keys.usageLog({ workspaceId, externalId });
  for (const [apiId, key, many] of [
    ['api_1', 'key_1', 1],
    ['api_2', 'key_2', 2],
  ] as const)
    await redis.hIncrBy(log, `${epoch / minute} ${apiId} ${key} V`, many);
  const window = { start: epoch, end: epoch + day };
  const found = async (apiId: string) => {
    const all = [];
    for await (const { owner, resolution, buckets } of store.usage.everything(workspaceId))
      if (resolution === 'day' && owner.apiId === apiId) all.push([owner.keyId, ...buckets]);
    return [
      [...(await store.usage.read(workspaceId, [{ externalId, apiId }], 'minute', window))],
      (await store.usage.topKeys(workspaceId, [{ externalId, apiId }], window, 9)).map((key) =>
        Object.values(key).join(),
      ),
      all.sort(),
    ];
  };
  const expected = (apiId: string, key: string, VALID: number) => {
    const bucket = [epoch, { VALID }];
    return [
      [bucket],
      [`${apiId},${key}`],
      expect.arrayContaining([
        [key, bucket],
        [undefined, bucket],
      ]),
    ];
  };
  expect([await found('api_1'), await found('api_2')]).toEqual([
    expected('api_1', 'key_1', 1),
    expected('api_2', 'key_2', 2),
  ]);
  await redis.zAdd(keys.usageWork(partitionOf({ workspaceId, externalId })), {
    score: 0,
    value: Buffer.from(externalId).toString('base64url'),
  });
  hooks.now = epoch + hour;
  await store.usage.rollUp(retentionDays, { workspaceId });
  expect([await found('api_1'), await found('api_2')]).toEqual([
    expected('api_1', 'key_1', 1),
    expected('api_2', 'key_2', 2),
  ]);
});

test('another verification in the same minute writes nothing but its count', async () => {
  const { use, fields, workspaceId } = await userWithKeys(1);
  await use(0, epoch);
  await redis.del(keys.usageWork(partitionOf({ workspaceId, externalId })));
  await use(0, epoch);
  expect(Object.values(await fields())).toEqual(['2']);
  expect(await redis.exists(keys.usageWork(partitionOf({ workspaceId, externalId })))).toBe(0);
});

test('a record that cannot be read loses no count and holds up no other user', async () => {
  const { use, rollUp, fields, workspaceId, apiId, dayName, made } = await userWithKeys(1);
  await use(0, epoch);
  await redis.hSet(dayName(epoch / day), `V${made[0]?.keyId}`, '"!$!');
  await redis.hSet(keys.usageLog({ workspaceId, externalId: 'other' }), `${epoch / minute} ${apiId} key_1 V`, '1');
  await redis.zAdd(keys.usageWork(partitionOf({ workspaceId, externalId: 'other' })), {
    score: 0,
    value: Buffer.from('other').toString('base64url'),
  });
  await expect(rollUp(epoch + hour)).rejects.toThrow('fewer numbers');
  expect(Object.values(await fields())).toEqual(['1']);
  expect(await redis.exists(keys.usageLog({ workspaceId, externalId: 'other' }))).toBe(0);
});

describe('the most used keys', () => {
  test.each([fewFields - 8, fewFields + 20])('are those of the log and of a day with %i keys', async (many) => {
    const { workspaceId, apiId, rollUp, topName } = await userWithKeys(1);
    const log = keys.usageLog({ workspaceId, externalId });
    const user = Buffer.from(externalId).toString('base64url');
    const count = async (uses: Record<string, number>, at: number) => {
      for (const [keyId, times] of Object.entries(uses))
        await redis.hIncrBy(log, `${at / minute} ${apiId} ${keyId} ${times % 2 === 0 ? 'V' : 'R'}`, times);
      await redis.zAdd(keys.usageWork(partitionOf({ workspaceId, externalId })), { score: 0, value: user });
    };
    const window = { start: epoch, end: epoch + 2 * day };
    const top = async (size: number) => {
      const found = await store.usage.topKeys(workspaceId, [{ externalId, apiId }], window, size);
      return found.map(({ keyId }) => keyId);
    };
    await count(Object.fromEntries(numbers(many).map((i) => [`key_${i}`, i + 1])), epoch);
    const best = numbers(5).map((i) => `key_${many - 1 - i}`);
    expect(await top(5)).toEqual(best);
    await rollUp(epoch + hour);
    expect(await redis.exists(topName(epoch / day))).toBe(many > fewFields ? 1 : 0);
    expect(await top(5)).toEqual(best);
    // Some of it in the index, some in the log, some on the next day.
    await count({ key_0: 30 }, epoch + hour);
    await rollUp(epoch + 2 * hour);
    await count({ key_0: 30 }, epoch + 2 * hour);
    await count({ key_1: 20, key_0: 30 }, epoch + day);
    expect(await top(2)).toEqual(['key_0', best[0]]);
    await rollUp(epoch + 2 * day);
    expect(await top(2)).toEqual(['key_0', best[0]]);
    const retained = retentionDays * day + 26 * hour;
    const end = await redis.pExpireTime(topName(epoch / day));
    expect(Number(end)).toBe(many > fewFields ? epoch + day + retained : -2);
  });

  test('lose a key that is deleted', async () => {
    const { workspaceId, apiId, made, session, use, rollUp, topName } = await userWithKeys(2);
    await use(0, epoch, epoch, epoch);
    await use(1, epoch, epoch, epoch);
    const log = keys.usageLog({ workspaceId, externalId });
    for (const i of numbers(fewFields)) await redis.hIncrBy(log, `${epoch / minute} ${apiId} key_${i} V`, 2);
    await rollUp(epoch + hour);
    const [gone, other] = made.map(({ keyId }) => keyId);
    expect(await redis.zScore(topName(epoch / day), String(gone))).toBe(3);
    await deleteKey(store, session, String(gone));
    expect(await redis.zScore(topName(epoch / day), String(gone))).toBeNull();
    hooks.now = undefined;
    const { topKeys } = await getVerifications(
      store,
      session,
      { startTime: Date.now() - day, endTime: Date.now() + 26 * hour },
      retentionDays,
    );
    expect(topKeys.map(({ keyId, total }) => [keyId, total])).toEqual([[other, 3]]);
  });
});
