import { afterEach, expect, jest, test } from '@jest/globals';
import type { RootKeyToVerify } from './proof.ts';
import { borrowedCalls, countOnce, type RootKeyLimiter, rateLimited } from './rate-limits.ts';

afterEach(() => {
  jest.restoreAllMocks();
});

const at = (ms: number) => jest.spyOn(performance, 'now').mockReturnValue(ms);
/** Calls borrowed at 1,000 ms with a reply at 1,400 ms, which says that the window ends 60,000 ms after the script. */
function borrow() {
  const borrowed = borrowedCalls(1000);
  at(1000);
  const { accept } = borrowed.ask('caller');
  at(1400);
  accept({ outcome: 'ok', loan: 5, resetMs: 60_000 });
  return borrowed;
}

test('borrowed calls end with the window, also if the reply was late', () => {
  const borrowed = borrow();
  at(60_999);
  expect([borrowed.knows('caller'), borrowed.take('caller', 5)]).toEqual([true, true]);
  const late = borrow();
  at(61_000);
  expect([late.knows('caller'), late.take('caller')]).toEqual([false, false]);
});

test('what is used is reported once, and not where the script could run in the next window', () => {
  const borrowed = borrow();
  expect([borrowed.take('caller', 3), borrowed.take('caller', 3)]).toEqual([true, false]);
  at(59_999);
  expect([borrowed.ask('caller').args.used, borrowed.ask('caller').args.used]).toEqual([3, 0]);
  borrowed.take('caller', 2);
  at(60_001);
  expect(borrowed.ask('caller').args).toEqual({ limit: 1000, used: 0 });
});

test('calls that are left are kept with new ones of the same window, and dropped in the next one', () => {
  const borrowed = borrow();
  borrowed.ask('caller').accept({ outcome: 'ok', loan: 2, resetMs: 59_600 });
  expect(borrowed.take('caller', 7)).toBe(true);
  const other = borrow();
  const { accept } = other.ask('caller');
  at(61_200);
  accept({ outcome: 'ok', loan: 2, resetMs: 60_000 });
  expect([other.take('caller', 3), other.take('caller', 2)]).toEqual([false, true]);
});

const limited = (resetMs: number) => rateLimited(1000, resetMs);
/** A process that has learned at 1,000 ms, with a loan of 5 calls left, that the limit leaves not as many as were asked for. */
function reach(calls: number) {
  const borrowed = borrow();
  at(1000);
  const { accept } = borrowed.ask('caller');
  expect(() => accept({ outcome: 'rate_limited', resetMs: 50_000 }, calls)).toThrow(limited(50_000));
  return borrowed;
}

test('a rate limit that one call has reached refuses single calls until the window ends', () => {
  const borrowed = reach(1);
  at(50_999);
  expect(() => borrowed.take('caller')).toThrow(expect.objectContaining({ rateLimit: 1000, retryAfterMs: 1 }));
  expect([borrowed.knows('caller'), borrowed.take('caller', 6), borrowed.take('caller', 5)]).toEqual([
    true,
    false,
    true,
  ]);
  expect([borrowed.knows('caller'), borrowed.knows('other'), borrowed.take('other')]).toEqual([true, false, false]);
  at(51_000);
  expect([borrowed.knows('caller'), borrowed.take('caller')]).toEqual([false, false]);
});

test('a rate limit that only several calls would exceed refuses none of the borrowed calls', () => {
  const borrowed = reach(2);
  expect([borrowed.take('caller'), borrowed.take('caller', 4), borrowed.knows('caller')]).toEqual([true, true, false]);
  expect([borrowed.take('caller'), borrowed.ask('caller').args]).toEqual([false, { limit: 1000, used: 5 }]);
});

test('what is used is reported up to one second before the window ends', () => {
  const used = [59_999, 60_000, 60_001].map((ms) => {
    const borrowed = borrow();
    borrowed.take('caller', 3);
    at(ms);
    return borrowed.ask('caller').args.used;
  });
  expect(used).toEqual([3, 3, 0]);
});

test('without a limit every call is allowed, and nothing is borrowed', () => {
  const none = borrowedCalls(0);
  expect([none.knows('caller'), none.take('caller'), none.take('caller', 1e9)]).toEqual([true, true, true]);
});

test('the rate limit of a root key counts a call once: not again after its verification has', async () => {
  const count = jest.fn<RootKeyLimiter['count']>(async () => {});
  await countOnce({ count }, 'ws_1', { verification: 'verified', hash: 'a' } as RootKeyToVerify);
  await countOnce({ count }, 'ws_1', { verification: 'cached', hash: 'b' } as RootKeyToVerify);
  expect(count.mock.calls).toEqual([['ws_1', 'b']]);
});
