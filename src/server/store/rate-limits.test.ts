import { afterEach, expect, jest, test } from '@jest/globals';
import { borrowedCalls } from './rate-limits.ts';

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
