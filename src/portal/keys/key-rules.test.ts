import { describe, expect, test } from '@jest/globals';
import { endOf, goneScopes, isWithin, rateLimitOf, unitOf } from './key-rules.ts';

const perMinute = (limit: number) => ({ limit, duration: 60_000 });

test.each([
  ['the same', perMinute(100), true],
  ['fewer requests', perMinute(99), true],
  ['more requests', perMinute(101), false],
  ['the same number in less time', { limit: 100, duration: 59_999 }, false],
  ['the same rate with more requests', { limit: 200, duration: 120_000 }, false],
  ['the same rate with fewer requests', { limit: 50, duration: 30_000 }, true],
  ['fewer requests at a higher rate', { limit: 50, duration: 1000 }, false],
])('a rate limit with %s', (_, own, expected) => {
  expect(isWithin(own, perMinute(100))).toBe(expected);
  expect(isWithin(own, undefined)).toBe(true);
});

describe('the rate limit of a key', () => {
  const policy = { perKey: { ratelimit: perMinute(100) } };
  test.each([
    ['its own within the policy', { ratelimit: perMinute(5) }, { limit: perMinute(5), isOwn: true }],
    ['that of the policy if it has none', {}, { limit: perMinute(100), isOwn: false }],
    ['that of a lowered policy', { ratelimit: perMinute(500) }, { limit: perMinute(100), isOwn: false }],
  ])('is %s', (_, key, expected) => {
    expect(rateLimitOf(key, policy)).toEqual(expected);
  });
  test('is any without a policy', () => {
    expect(rateLimitOf({ ratelimit: perMinute(500) }, undefined)).toEqual({ limit: perMinute(500), isOwn: true });
    expect(rateLimitOf({}, {})).toEqual({ limit: undefined, isOwn: false });
  });
});

test.each([
  [{ createdAt: 10 }, undefined],
  [{ createdAt: 10, expires: 50 }, 50],
])('%j ends at %s without a policy', (key, end) => {
  expect(endOf(key, undefined)).toBe(end);
});

test.each([
  [{ createdAt: 10 }, 110],
  [{ createdAt: 10, expires: 50 }, 50],
  [{ createdAt: 10, expires: 500 }, 110],
])('%j ends at %i under a policy', (key, end) => {
  expect(endOf(key, { maxLifetime: 100 })).toBe(end);
});

test('a scope is gone if the API no longer offers it', () => {
  expect(goneScopes({ scopes: ['a', 'b'] }, [{ scope: 'b' }, { scope: 'c' }])).toEqual(['a']);
  expect(goneScopes({}, [])).toEqual([]);
});

test('a time has a name', () => {
  expect([unitOf(60_000), unitOf(86_400_000), unitOf(90_000)]).toEqual(['minute', 'day', undefined]);
});
