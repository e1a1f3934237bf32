import { expect, test } from '@jest/globals';
import { pollAfterMs, waitsForFirstCall } from './first-call.ts';
import { everything } from './key-query.ts';

const now = Date.parse('2026-11-24T12:00:00Z');
const hour = 3_600_000;
const fresh = { createdAt: now - hour };
const list = (...items: { createdAt: number; lastUsedAt?: number }[]) => ({ items, next: undefined });

test.each([
  [true, 'a new key', list(fresh)],
  [true, 'a new key beside an old one that was never used', list(fresh, { createdAt: now - 100 * hour })],
  [false, 'no key', list()],
  [false, 'a key that was used', list({ ...fresh, lastUsedAt: now - 1 })],
  [false, 'a new key beside one that was used', list(fresh, { createdAt: 0, lastUsedAt: now - 1 })],
  [false, 'a key of another day', list({ createdAt: now - 25 * hour })],
  [false, 'many keys', list(fresh, fresh, fresh, fresh)],
  [false, 'more pages', { ...list(fresh), next: 'cursor' }],
  [false, 'nothing read', undefined],
] as const)('%s: %s', (expected, _, keys) => {
  expect(waitsForFirstCall(everything, keys, now)).toBe(expected);
});

test.each([{ search: 'a' }, { apiId: 'api_1' }, { state: 'active' as const }, { page: 2 }])(
  'a part of the list shows nothing: %j',
  (over) => {
    expect(waitsForFirstCall({ ...everything, ...over }, list(fresh), now)).toBe(false);
  },
);

test('each wait is longer, up to a minute', () => {
  const waits = Array.from({ length: 60 }, (_, reads) => pollAfterMs(reads));
  expect(waits[0]).toBe(3000);
  expect(waits.at(-1)).toBe(60_000);
  expect(waits).toEqual(waits.toSorted((a, b) => a - b));
});
