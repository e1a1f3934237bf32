/** How many calls a script lends to a process (snippets/lease.lua), and until when (snippets/lifeOf.lua). */
import { afterAll, expect, test } from '@jest/globals';
import { scripts } from '../../src/server/store/scripts.ts';
import { sharedRedis } from '../support/shared/client.ts';
import { openTargetRedis } from '../support/target-redis.ts';

const redis = await openTargetRedis(await sharedRedis());
afterAll(() => redis.stop());

const minute = 60_000;
let leases = 0;

/** The reply of a lease, the record after it, and how long that lives, in ms. `before` is the record, which has `lifeMs` left. */
async function lease(limit: number, used: number, calls: number, before: object = {}, lifeMs = 30_000) {
  const name = `{lease}:${process.pid}:${leases++}`;
  if (Object.keys(before).length > 0) {
    await redis.client.hSet(name, { ...before });
    await redis.client.pExpire(name, lifeMs);
  }
  const options = { keys: [name], arguments: [limit, used, calls].map(String) };
  const [outcome, ...numbers] = (await redis.client.eval(scripts.leaseCalls.SCRIPT, options)) as [string, ...number[]];
  const record = Object.entries(await redis.client.hGetAll(name)).map(([field, text]) => [field, Number(text)]);
  const lives = await redis.client.pTTL(name);
  await redis.client.del(name);
  const resetMs = numbers.pop() ?? 0;
  return { reply: [outcome, ...numbers], resetMs, record: Object.fromEntries(record), lives };
}

test('the first lease begins a window of a minute, and lends half of a 50th of the limit', async () => {
  const { reply, resetMs, record, lives } = await lease(1000, 0, 1);
  expect([reply, resetMs, record]).toEqual([['ok', 10], minute, { counted: 11, lent: 10 }]);
  expect(lives).toBeGreaterThan(minute - 10_000);
  expect(lives).toBeLessThanOrEqual(minute);
});

test.each<
  [title: string, request: [limit: number, used: number, calls: number], before: object, loan: number, after: object]
>([
  ['half of what is left of the 50th', [1000, 4, 1], { counted: 11, lent: 10 }, 7, { counted: 19, lent: 13 }],
  [
    'as before, if more is reported than was lent',
    [1000, 99, 1],
    { counted: 11, lent: 10 },
    10,
    { counted: 22, lent: 10 },
  ],
  [
    'no more than the half of what the limit leaves',
    [1000, 0, 1],
    { counted: 995, lent: 0 },
    2,
    { counted: 998, lent: 2 },
  ],
  ['an odd number rounded up', [150, 0, 1], { counted: 1, lent: 0 }, 2, { counted: 4, lent: 2 }],
  ['nothing with the last call', [1000, 0, 1], { counted: 999, lent: 0 }, 0, { counted: 1000, lent: 0 }],
  ['nothing with the last calls', [1000, 0, 3], { counted: 997, lent: 0 }, 0, { counted: 1000, lent: 0 }],
  ['nothing if more than the 50th is lent', [1000, 5, 1], { counted: 100, lent: 30 }, 0, { counted: 101, lent: 25 }],
  ['nothing of a limit under 50', [49, 0, 1], { counted: 1, lent: 0 }, 0, { counted: 2, lent: 0 }],
])('a lease lends %s, until its window ends', async (_, [limit, used, calls], before, loan, after) => {
  const { reply, resetMs, record, lives } = await lease(limit, used, calls, before);
  expect([reply, record]).toEqual([['ok', loan], after]);
  expect([resetMs, lives].map((ms) => Math.ceil(ms / 10_000))).toEqual([3, 3]);
});

test.each([
  [1000, 1],
  [998, 3],
])('a lease with %i counted refuses %i calls over the limit, and counts nothing', async (counted, calls) => {
  const { reply, resetMs, record } = await lease(1000, 0, calls, { counted, lent: 1 });
  expect([reply, Math.ceil(resetMs / 10_000), record]).toEqual([['rate_limited'], 3, { counted, lent: 1 }]);
});

test('a window that would end later than a minute from now, after the clock has gone back, ends in a minute', async () => {
  const { resetMs, lives } = await lease(1000, 0, 1, { counted: 1, lent: 0 }, 500_000);
  expect(resetMs).toBe(minute);
  expect(lives).toBeGreaterThan(minute - 10_000);
  expect(lives).toBeLessThanOrEqual(minute);
});
