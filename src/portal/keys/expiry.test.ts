import { expect, test } from '@jest/globals';
import { dayOf, expiresAt, expiries, lastDay } from './expiry.ts';

const now = new Date(2026, 10, 24, 12);

test('a key that never expires has no expiry, and every other one expires in the future', () => {
  expect(expiresAt('never', '', now)).toBeUndefined();
  for (const expiry of expiries.filter((name) => name !== 'never')) {
    expect(expiresAt(expiry, '2026-12-31', now)).toBeGreaterThan(now.getTime());
  }
});

test('a key expires at the end of the day in the time zone of the user, also today', () => {
  expect(expiresAt('date', '2026-12-31', now)).toBe(new Date(2026, 11, 31, 23, 59, 59, 999).getTime());
  expect(expiresAt('date', dayOf(now), now)).toBe(new Date(2026, 10, 24, 23, 59, 59, 999).getTime());
  expect(expiresAt('date', lastDay, now)).toBeDefined();
});

test.each(['', '2026-11-23', '2026-02-30', '2100-01-01', '12026-01-01'])('%j is not a valid day', (day) => {
  expect(() => expiresAt('date', day, now)).toThrow(RangeError);
});
