/** The window of getVerifications: its bounds, the granularity that its length allows, and the most used keys. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { deleteKey } from '../../src/server/domain/keys/keys.ts';
import type { AuthenticatedSession } from '../../src/server/domain/sessions/sessions.ts';
import { getVerifications, verifyKey } from '../../src/server/domain/usage/usage.ts';
import { newWorkspace, numbers, openStore, type TestWorkspace } from '../support/store.ts';

const { store, hooks, stop } = await openStore();
afterAll(stop);

const [minute, quarterHour, hour, day] = [60_000, 900_000, 3_600_000, 86_400_000];
const retentionDays = 90;
/** The middle of a minute, so that neither end of a window is the end of a bucket by accident. */
const now = Math.ceil(Date.now() / day) * day + 12 * hour + 30_500;
beforeEach(() => {
  jest.spyOn(Date, 'now').mockReturnValue(now);
});
afterEach(() => {
  jest.restoreAllMocks();
  hooks.now = undefined;
});

let workspace: TestWorkspace;
let apiId: string;
let slug: string;
let session: AuthenticatedSession;
beforeAll(async () => {
  workspace = await newWorkspace(store);
  apiId = await workspace.newApi();
  slug = await workspace.newPortal({ apiIds: [apiId] });
  session = await workspace.enter(slug, 'user');
});
let users = 0;
/** A user of their own for each run of a test. */
const newUser = (name: string) => {
  users += 1;
  return `${name} ${users}`;
};
const enterNew = (name: string) => workspace.enter(slug, newUser(name));
const read = (startTime: number, endTime: number, of = session, more: { keyId?: string; timeZone?: string } = {}) =>
  getVerifications(store, of, { startTime, endTime, ...more }, retentionDays);
const locationsOf = (startTime: number, endTime: number) =>
  read(startTime, endTime).then(
    () => [],
    ({ failures }) => failures.map(({ location }: { location: string }) => location),
  );

describe('the bounds', () => {
  const oldest = Math.floor(now / day) * day - retentionDays * day;
  test.each([
    ['it starts with the day in which the retention begins', oldest, now, []],
    ['a millisecond before it', oldest - 1, now, ['body.startTime']],
    ['it ends where it starts', now, now, ['body.endTime']],
    ['it is a millisecond long', now - 1, now, []],
    ['it ends before it starts', now, now - 1, ['body.endTime']],
    ['it ends 26 hours ahead, as long as a day can be', now, now + 26 * hour, []],
    ['it ends later', now, now + 26 * hour + 1, ['body.endTime']],
    ['both are wrong', oldest - 1, oldest - 1, ['body.startTime', 'body.endTime']],
  ])('%s', async (_, start, end, locations) => {
    expect(await locationsOf(start, end)).toEqual(locations);
  });

  test('the oldest day is one of the time zone', async () => {
    const timeZone = 'Asia/Kathmandu';
    const midnight = oldest - (5 * 60 + 45) * minute;
    expect((await read(midnight, now, session, { timeZone })).startTime).toBe(midnight);
    await expect(read(midnight - 1, now, session, { timeZone })).rejects.toMatchObject({
      failures: [{ location: 'body.startTime' }],
    });
  });

  test.each(['Etc/Unknown', 'Mars/Olympus'])(
    '%s is not a time zone, and the failure says what is',
    async (timeZone) => {
      const fix = expect.stringContaining('Europe/Berlin');
      await expect(read(now - hour, now, session, { timeZone })).rejects.toMatchObject({
        failures: [{ location: 'body.timeZone', fix }],
      });
    },
  );

  test('the failure names the retention', async () => {
    const message = expect.stringContaining(`${retentionDays} days`);
    await expect(read(oldest - 1, now)).rejects.toMatchObject({ failures: [{ message }] });
  });
});

describe('the granularity', () => {
  const minutesBegin = now - 2 * day;
  test.each([
    ['three hours', now - 3 * hour, now, 'minute'],
    ['a millisecond more', now - 3 * hour - 1, now, 'hour'],
    ['three hours, as long as their minutes are stored', minutesBegin, minutesBegin + 3 * hour, 'minute'],
    ['three hours, a millisecond earlier', minutesBegin - 1, minutesBegin - 1 + 3 * hour, 'hour'],
    ['eight days', now - 8 * day, now, 'hour'],
    ['a millisecond more than eight days', now - 8 * day - 1, now, 'day'],
  ])('of %s', async (_, start, end, granularity) => {
    const bucket = { minute, hour, day }[granularity] ?? 0;
    const found = await read(start, end);
    const stepAt = (time: number) => (time >= minutesBegin ? minute : quarterHour);
    const startTime = Math.floor(start / stepAt(start)) * stepAt(start);
    const endTime = Math.ceil(end / stepAt(end)) * stepAt(end);
    expect(found).toMatchObject({ granularity, timeZone: 'UTC', startTime, endTime });
    const first = Math.floor(start / bucket) * bucket;
    const times = numbers(Math.ceil((endTime - first) / bucket)).map((i) => first + i * bucket);
    expect(found.series.map(({ time }) => time)).toEqual(times);
  });
});

/** A user with a key that was used at these times. */
async function usedAt(name: string, times: readonly number[]): Promise<AuthenticatedSession> {
  const own = await enterNew(name);
  const { key } = await workspace.newKey(own, apiId);
  for (const time of times) {
    hooks.now = time;
    await verifyKey(store, workspace.rootKey, { key });
  }
  hooks.now = undefined;
  return own;
}

describe('a window', () => {
  test.each([
    ['UTC', 0],
    ['Etc/GMT+8', 8 * hour],
    ['Asia/Kolkata', 18.5 * hour],
    ['Asia/Kathmandu', 18.25 * hour],
  ])('of days in %s counts exactly these days', async (timeZone, midnightInUtc) => {
    const midnight = Math.floor(now / day) * day - 20 * day + midnightInUtc;
    const times = [midnight - 1, midnight, midnight + 12 * hour, midnight + day - 1, midnight + day];
    const own = await usedAt(`in ${timeZone}`, times);
    const days = (from: number, to: number) => read(midnight + from * day, midnight + to * day, own, { timeZone });
    for (const [from, to, total] of [
      [-9, 0, 1],
      [0, 1, 3],
      [0, 9, 4],
      [1, 9, 1],
      [2, 9, 0],
    ] as const) {
      const { startTime, endTime, totals, topKeys, series } = await days(from, to);
      expect([startTime, endTime]).toEqual([midnight + from * day, midnight + to * day]);
      expect([totals.total, topKeys[0]?.total ?? 0]).toEqual([total, total]);
      // There is one key, so its trend is the series.
      expect(topKeys[0]?.trend ?? []).toEqual(total > 0 ? series.map((bucket) => bucket.total) : []);
    }
    const { series } = await days(-9, 2);
    expect(series.map(({ time }) => (time - midnight) / day)).toEqual(numbers(11).map((i) => i - 9));
    expect(series.map(({ total }) => total).slice(-3)).toEqual([1, 3, 1]);
    const hours = (await days(0, 1)).series;
    expect(hours.map(({ time }) => (time - midnight) / hour)).toEqual(numbers(24));
    expect([0, 12, 23].map((i) => hours[i]?.total)).toEqual([1, 1, 1]);
  });

  test('is exact to a minute at an end in the last two days, and to a quarter hour at an older one', async () => {
    const [lately, long] = [Math.floor(now / hour) * hour - hour + 7 * minute, Math.floor(now / hour) * hour - 3 * day];
    const own = await usedAt('exact', [long, long + quarterHour, lately - minute, lately, lately + 2 * minute]);
    const total = async (start: number, end: number) => (await read(start, end, own)).totals.total;
    expect(await total(lately - day, lately)).toBe(1);
    expect(await total(lately - day, lately + 1)).toBe(2);
    expect(await total(lately, now)).toBe(2);
    expect(await total(lately - minute, lately + 2 * minute)).toBe(2);
    expect(await total(long + minute, long + 5 * hour)).toBe(2);
    expect(await total(long + quarterHour, long + 5 * hour)).toBe(1);
    expect(await total(long - 5 * day, long + 1)).toBe(1);
    expect(await total(long - 5 * day, now)).toBe(5);
  });

  test('counts what was used in it, whatever its ends and its time zone', async () => {
    const random = (below: number) => Math.floor(Math.random() * below);
    const times = numbers(40).map(() => now - random(12 * day));
    const own = await usedAt('random', times);
    const zones = ['UTC', 'America/St_Johns', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Chatham'];
    const windows = numbers(20).map((i) => {
      const start = now - random(12 * day) - 1;
      return { start, end: start + 1 + random(now - start), timeZone: zones[i % zones.length] ?? 'UTC' };
    });
    const found = await Promise.all(windows.map(({ start, end, timeZone }) => read(start, end, own, { timeZone })));
    const used = found.map(
      ({ startTime, endTime }) => times.filter((time) => time >= startTime && time < endTime).length,
    );
    expect(found.map(({ totals }) => totals.total)).toEqual(used);
    expect(found.map(({ series }) => series.reduce((sum, { total }) => sum + total, 0))).toEqual(used);
    expect(found.map(({ topKeys }) => topKeys[0]?.total ?? 0)).toEqual(used);
    const rounded = found.flatMap(({ startTime, endTime }, i) => {
      const { start = 0, end = 0 } = windows[i] ?? {};
      return [start - startTime, endTime - end];
    });
    expect(rounded.filter((ms) => !(ms >= 0 && ms < quarterHour))).toEqual([]);
  });
});

describe('the counts', () => {
  test('are those of the whole buckets of the window, by outcome, of one key or all', async () => {
    const own = await enterNew('counted');
    const limited = { ratelimit: { limit: 1, duration: hour } };
    const one = await workspace.newKey(own, apiId, { ...limited, expires: now + 5 * minute });
    const two = await workspace.newKey(own, apiId, { enabled: false });
    const uses: [at: number, key: string][] = [
      [now - minute, one.key],
      [now, one.key],
      [now + minute, one.key],
      [now + 5 * minute, one.key],
      [now, two.key],
    ];
    for (const [at, key] of uses) {
      hooks.now = at;
      await verifyKey(store, workspace.rootKey, { key });
    }
    hooks.now = undefined;
    const none = { usageExceeded: 0, insufficientPermissions: 0, forbidden: 0 };
    const all = await read(now - minute, now + 6 * minute, own);
    expect(all.totals).toEqual({ ...none, total: 5, valid: 1, rateLimited: 2, disabled: 1, expired: 1 });
    expect(all.topKeys.map(({ keyId, apiId: of, total }) => [keyId, of, total])).toEqual([
      [one.keyId, apiId, 4],
      [two.keyId, apiId, 1],
    ]);
    const start = Math.floor((now - minute) / minute) * minute;
    expect(all.series.map(({ time, total }) => [(time - start) / minute, total]).filter(([, total]) => total)).toEqual([
      [0, 1],
      [1, 2],
      [2, 1],
      [6, 1],
    ]);
    const ofOne = await read(now - minute, now + minute, own, { keyId: one.keyId });
    // The last bucket is the whole minute that the window ends in.
    expect(ofOne.totals).toEqual({ ...none, total: 3, valid: 1, rateLimited: 2, disabled: 0, expired: 0 });
    expect(ofOne.topKeys).toMatchObject([{ keyId: one.keyId, total: 3 }]);
    expect((await read(now, now + 1, own)).totals.total).toBe(2);
    expect((await read(now - 3 * hour, now - 2 * minute, own)).topKeys).toEqual([]);
  });

  test('of a deleted key stay in the totals of its user, but not alone', async () => {
    const own = await enterNew('deleter');
    const { key, keyId } = await workspace.newKey(own, apiId, { name: 'Gone' });
    hooks.now = now;
    await verifyKey(store, workspace.rootKey, { key });
    expect((await read(now - hour, now + 1, own)).topKeys).toMatchObject([{ keyId, name: 'Gone', apiId }]);
    await deleteKey(store, own, keyId);
    expect(await read(now - hour, now + 1, own)).toMatchObject({ topKeys: [], totals: { total: 1, valid: 1 } });
  });

  test('name the ten most used keys, most used first, over all days of the window', async () => {
    const own = await enterNew('collector');
    const keys = [];
    for (const i of numbers(12)) {
      const { key, keyId } = await workspace.newKey(own, apiId);
      keys.push(keyId);
      for (const use of numbers(i + 1)) {
        hooks.now = use % 2 === 0 ? now : now - day;
        await verifyKey(store, workspace.rootKey, { key });
      }
    }
    const { topKeys, totals, series } = await read(now - 2 * day, now + 1, own);
    // The trend of each key is that of its buckets, and together they are the series.
    const [most, least] = [topKeys[0], topKeys.at(-1)];
    const used = (trend: readonly number[] = []) => trend.flatMap((count, i) => (count === 0 ? [] : [[i, count]]));
    expect([used(most?.trend), used(least?.trend)]).toEqual([
      [
        [24, 6],
        [48, 6],
      ],
      [
        [24, 1],
        [48, 2],
      ],
    ]);
    expect(topKeys.filter(({ trend }) => trend.length !== series.length)).toEqual([]);
    expect(topKeys.map(({ keyId, total }) => [keyId, total])).toEqual(
      keys
        .map((keyId, i) => [keyId, i + 1])
        .toReversed()
        .slice(0, 10),
    );
    expect(totals.total).toBe(78);
  });

  test('order the keys by their use in the window, not on its days', async () => {
    const own = await enterNew('morning');
    const [often, lately] = [await workspace.newKey(own, apiId), await workspace.newKey(own, apiId)];
    const uses: [at: number, key: string][] = [
      [now - 5 * hour, often.key],
      [now - 5 * hour, often.key],
      [now, often.key],
      [now, lately.key],
      [now, lately.key],
    ];
    for (const [at, key] of uses) {
      hooks.now = at;
      await verifyKey(store, workspace.rootKey, { key });
    }
    const { topKeys } = await read(now - hour, now + 1, own);
    expect(topKeys.map(({ keyId, total }) => [keyId, total])).toEqual([
      [lately.keyId, 2],
      [often.keyId, 1],
    ]);
  });

  test('the store finds the most used keys by the sum of their days, up to as many as are wanted', async () => {
    const owner = { externalId: newUser('summed'), apiId };
    const own = await workspace.enter(slug, owner.externalId);
    const use = async (key: string, ...times: number[]) => {
      for (const time of times) {
        hooks.now = time;
        await verifyKey(store, workspace.rootKey, { key });
      }
    };
    const newKey = () => workspace.newKey(own, apiId);
    const [a, b, c, d] = [await newKey(), await newKey(), await newKey(), await newKey()];
    await use(a.key, now, now, now - day);
    await use(b.key, now, now, now - day, now - day);
    await use(c.key, now - day);
    await use(d.key, now);
    const dayStart = Math.floor(now / day) * day;
    const top = async (start: number, end: number, many: number) => {
      const found = await store.usage.topKeys(workspace.workspaceId, [owner], { start, end }, many);
      expect(found.filter((key) => key.apiId !== apiId)).toEqual([]);
      return found.map(({ keyId }) => keyId);
    };
    expect(await top(dayStart - day, dayStart + day, 2)).toEqual([b.keyId, a.keyId]);
    expect(await top(dayStart - day, dayStart, 1)).toEqual([b.keyId]);
    expect(new Set(await top(dayStart, dayStart + day, 9))).toEqual(new Set([a.keyId, b.keyId, d.keyId]));
    expect(new Set(await top(dayStart - day, dayStart, 9))).toEqual(new Set([a.keyId, b.keyId, c.keyId]));
  });
});
