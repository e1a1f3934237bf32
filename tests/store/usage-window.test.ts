/** The window of getVerifications: its bounds, the granularity that its length allows, and the most used keys. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { deleteKey } from '../../src/server/domain/keys/keys.ts';
import type { AuthenticatedSession } from '../../src/server/domain/sessions/sessions.ts';
import { getVerifications, verifyKey } from '../../src/server/domain/usage/usage.ts';
import { newWorkspace, numbers, openStore, type TestWorkspace } from '../support/store.ts';

const { store, hooks, stop } = await openStore();
afterAll(stop);

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
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
const read = (startTime: number, endTime: number, of = session, keyId?: string) =>
  getVerifications(store, of, { startTime, endTime, ...(keyId !== undefined && { keyId }) }, retentionDays);
const locationsOf = (startTime: number, endTime: number) =>
  read(startTime, endTime).then(
    () => [],
    ({ failures }) => failures.map(({ location }: { location: string }) => location),
  );

describe('the bounds', () => {
  const oldest = now - retentionDays * day;
  test.each([
    ['the retention begins', oldest, now, []],
    ['a millisecond before it', oldest - 1, now, ['body.startTime']],
    ['it ends where it starts', now, now, ['body.endTime']],
    ['it is a millisecond long', now - 1, now, []],
    ['it ends before it starts', now, now - 1, ['body.endTime']],
    ['it ends a day ahead', now, now + day, []],
    ['it ends later', now, now + day + 1, ['body.endTime']],
    ['both are wrong', oldest - 1, oldest - 1, ['body.startTime', 'body.endTime']],
  ])('%s', async (_, start, end, locations) => {
    expect(await locationsOf(start, end)).toEqual(locations);
  });

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
    ['four days', now - 4 * day, now, 'hour'],
    ['a millisecond more than four days', now - 4 * day - 1, now, 'day'],
  ])('of %s', async (_, start, end, granularity) => {
    const bucket = { minute, hour, day }[granularity] ?? 0;
    const found = await read(start, end);
    const [first, last] = [Math.floor(start / bucket) * bucket, Math.ceil(end / bucket) * bucket];
    expect(found).toMatchObject({ granularity, startTime: first, endTime: last });
    const times = numbers((last - first) / bucket).map((i) => first + i * bucket);
    expect(found.series.map(({ time }) => time)).toEqual(times);
  });
});

describe('the counts', () => {
  test('are those of the whole buckets of the window, by outcome, of one key or all', async () => {
    const own = await workspace.enter(slug, 'counted');
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
      await verifyKey(store, workspace.rootKey, { key }, retentionDays);
    }
    hooks.now = undefined;
    const all = await read(now - minute, now + 6 * minute, own);
    expect(all.totals).toEqual({ total: 5, valid: 1, rateLimited: 2, disabled: 1, expired: 1 });
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
    const ofOne = await read(now - minute, now + minute, own, one.keyId);
    // The last bucket is the whole minute that the window ends in.
    expect(ofOne.totals).toEqual({ total: 3, valid: 1, rateLimited: 2, disabled: 0, expired: 0 });
    expect(ofOne.topKeys).toMatchObject([{ keyId: one.keyId, total: 3 }]);
    expect((await read(now, now + 1, own)).totals.total).toBe(2);
    expect((await read(now - 3 * hour, now - 2 * minute, own)).topKeys).toEqual([]);
  });

  test('of a deleted key stay, without its API and its name', async () => {
    const own = await workspace.enter(slug, 'deleter');
    const { key, keyId } = await workspace.newKey(own, apiId, { name: 'Gone' });
    hooks.now = now;
    await verifyKey(store, workspace.rootKey, { key }, retentionDays);
    expect((await read(now - hour, now + 1, own)).topKeys).toMatchObject([{ keyId, name: 'Gone', apiId }]);
    await deleteKey(store, own, keyId);
    const counts = { total: 1, valid: 1, rateLimited: 0, disabled: 0, expired: 0 };
    expect((await read(now - hour, now + 1, own)).topKeys).toEqual([{ keyId, ...counts }]);
  });

  test('name the ten most used keys, most used first, over all days of the window', async () => {
    const own = await workspace.enter(slug, 'collector');
    const keys = [];
    for (const i of numbers(12)) {
      const { key, keyId } = await workspace.newKey(own, apiId);
      keys.push(keyId);
      for (const use of numbers(i + 1)) {
        hooks.now = use % 2 === 0 ? now : now - day;
        await verifyKey(store, workspace.rootKey, { key }, retentionDays);
      }
    }
    const { topKeys, totals } = await read(now - 2 * day, now + 1, own);
    expect(topKeys.map(({ keyId, total }) => [keyId, total])).toEqual(
      keys
        .map((keyId, i) => [keyId, i + 1])
        .toReversed()
        .slice(0, 10),
    );
    expect(totals.total).toBe(78);
  });

  test('order the keys by their use in the window, not on its days', async () => {
    const own = await workspace.enter(slug, 'morning');
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
      await verifyKey(store, workspace.rootKey, { key }, retentionDays);
    }
    const { topKeys } = await read(now - hour, now + 1, own);
    expect(topKeys.map(({ keyId, total }) => [keyId, total])).toEqual([
      [lately.keyId, 2],
      [often.keyId, 1],
    ]);
  });

  test('the store finds the most used keys by the sum of their days, up to as many as are wanted', async () => {
    const owner = { externalId: 'summed', apiId };
    const own = await workspace.enter(slug, owner.externalId);
    const use = async (key: string, ...times: number[]) => {
      for (const time of times) {
        hooks.now = time;
        await verifyKey(store, workspace.rootKey, { key }, retentionDays);
      }
    };
    const newKey = () => workspace.newKey(own, apiId);
    const [a, b, c, d] = [await newKey(), await newKey(), await newKey(), await newKey()];
    await use(a.key, now, now, now - day);
    await use(b.key, now, now, now - day, now - day);
    await use(c.key, now - day);
    await use(d.key, now);
    const dayStart = Math.floor(now / day) * day;
    const top = (start: number, end: number, many: number) =>
      store.usage.topKeys(workspace.workspaceId, [owner], { start, end }, many);
    expect(await top(dayStart - day, dayStart + day, 2)).toEqual([b.keyId, a.keyId]);
    expect(await top(dayStart - day, dayStart, 1)).toEqual([b.keyId]);
    expect(new Set(await top(dayStart, dayStart + day, 9))).toEqual(new Set([a.keyId, b.keyId, d.keyId]));
    expect(new Set(await top(dayStart - day, dayStart, 9))).toEqual(new Set([a.keyId, b.keyId, c.keyId]));
  });
});
