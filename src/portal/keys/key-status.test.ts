import { expect, test } from '@jest/globals';
import { statusOf } from './key-status.ts';

const now = new Date('2026-11-24T12:00:00Z');
const at = (text: string) => new Date(text).getTime();

test.each([
  ['active', { enabled: true }],
  ['active', { enabled: true, expires: at('2026-12-01T12:00:01Z') }],
  ['ending', { enabled: true, expires: at('2026-12-01T12:00:00Z') }],
  ['expired', { enabled: true, expires: at('2026-11-24T12:00:00Z') }],
  ['expired', { enabled: false, expires: at('2026-11-24T11:59:59Z') }],
  ['disabled', { enabled: false }],
  ['disabled', { enabled: false, expires: at('2026-11-25T12:00:00Z') }],
] as const)('%s: %j', (status, key) => {
  expect(statusOf({ createdAt: 0, ...key }, undefined, now)).toBe(status);
});

test('a policy can end a key earlier', () => {
  const key = { enabled: true, createdAt: at('2026-11-20T12:00:00Z') };
  const days = (count: number) => ({ maxLifetime: count * 86_400_000 });
  expect([30, 8, 4].map((count) => statusOf(key, days(count), now))).toEqual(['active', 'ending', 'expired']);
});
