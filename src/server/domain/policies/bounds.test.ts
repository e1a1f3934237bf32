import { describe, expect, test } from '@jest/globals';
import type { Api } from '../../store/apis.ts';
import { type BoundedSettings, type Bounds, boundFailures, boundsOf, endOfKey, scopesOfKey } from './bounds.ts';

const createdAt = 1_750_000_000_000;
const minute = 60_000;
const failuresOf = (settings: BoundedSettings, bounds: Bounds, kept?: string[]) =>
  boundFailures(settings, bounds, createdAt, { kept }).map(({ location }) => location);

describe('a rate limit under a maximum of 100 per minute', () => {
  const bounds = { keyRate: { limit: 100, duration: minute } };
  test.each<[what: string, limit: number, duration: number, isRefused: boolean]>([
    ['the maximum', 100, minute, false],
    ['fewer in the same time', 99, minute, false],
    ['as many in more time', 100, 2 * minute, false],
    ['one more', 101, minute, true],
    ['as many in less time', 100, minute - 1, true],
    ['more at once, although fewer over time', 101, 60 * minute, true],
    ['fewer at once, although more over time', 2, 1000, true],
  ])('%s', (_, limit, duration, isRefused) => {
    expect(failuresOf({ ratelimit: { limit, duration } }, bounds)).toEqual(isRefused ? ['body.ratelimit'] : []);
  });

  test('none is that of the policy, so it is no failure', () => {
    expect([failuresOf({ ratelimit: null }, bounds), failuresOf({}, bounds)]).toEqual([[], []]);
  });
});

test('the end is no later than the longest life after the creation allows', () => {
  const bounds = { maxLifetime: minute };
  expect(failuresOf({ expires: createdAt + minute }, bounds)).toEqual([]);
  expect(failuresOf({ expires: createdAt + minute + 1 }, bounds)).toEqual(['body.expires']);
  expect(failuresOf({ expires: null }, bounds)).toEqual([]);
  const ends = [{}, { expires: createdAt + 1 }, { expires: createdAt + 2 * minute }].map((key) =>
    endOfKey({ createdAt, ...key }, bounds),
  );
  expect(ends).toEqual([createdAt + minute, createdAt + 1, createdAt + minute]);
  expect([endOfKey({ createdAt }, {}), endOfKey({ createdAt, expires: 7 }, {})]).toEqual([undefined, 7]);
});

test('scopes are those that are offered, or that the key has already', () => {
  const bounds = { scopes: ['read'] };
  expect(failuresOf({ scopes: ['read', 'write', 'old', 'x'] }, bounds, ['old'])).toEqual([
    'body.scopes[1]',
    'body.scopes[3]',
  ]);
  expect(failuresOf({ scopes: ['x'] }, {})).toEqual([]);
  expect([scopesOfKey({ scopes: ['old', 'read'] }, bounds), scopesOfKey({ scopes: ['x'] }, {})]).toEqual([
    ['read'],
    ['x'],
  ]);
});

test('ranges are within those of the policy, and each key has some where they are required', () => {
  const ranges = ['192.0.2.0/24', '2001:db8::/32'];
  const allowed = { ipRanges: { mode: 'allowed', ranges } };
  const inside = ['192.0.2.128/25', '2001:db8:1::/48', '192.0.2.0/24'];
  expect(failuresOf({ ipRanges: inside }, allowed)).toEqual([]);
  expect(failuresOf({ ipRanges: ['192.0.2.1/32', '192.0.0.0/16', '::/0'] }, allowed)).toEqual([
    'body.ipRanges[1]',
    'body.ipRanges[2]',
  ]);
  expect([failuresOf({ ipRanges: null }, allowed), failuresOf({ ipRanges: [] }, allowed)]).toEqual([[], []]);
  for (const required of [ranges, []]) {
    const bounds = { ipRanges: { mode: 'required', ranges: required } };
    for (const none of [null, []]) expect(failuresOf({ ipRanges: none }, bounds)).toEqual(['body.ipRanges']);
    expect(failuresOf({ ipRanges: inside }, bounds)).toEqual([]);
    // It is not among the changes.
    expect(failuresOf({}, bounds)).toEqual([]);
  }
});

test('each part of the policy of a user replaces that of the API, and null lifts it', () => {
  const rate = (limit: number) => ({ limit, duration: minute });
  const quota = { limit: 5, period: 'day', timeZone: 'UTC' } as const;
  const ipRanges = { mode: 'allowed', ranges: ['192.0.2.0/24'] } as const;
  const policy = {
    ...{ perKey: { ratelimit: rate(1) }, perUser: { ratelimit: rate(2), quota }, maxLifetime: 9, scopes: ['a'] },
    ...{ ipRanges: { ...ipRanges, ranges: [...ipRanges.ranges] } },
  };
  const api: Api = { apiId: 'api_1', name: 'API', createdAt, policy };
  const ofApi = { keyRate: rate(1), userRate: rate(2), quota, maxLifetime: 9, scopes: ['a'], ipRanges };
  expect([boundsOf(api), boundsOf(api, {})]).toEqual([ofApi, ofApi]);
  const all = {
    perKey: { ratelimit: null },
    perUser: { ratelimit: null, quota: null },
    maxLifetime: null,
    ipRanges: null,
  };
  expect(boundsOf(api, all)).toEqual({ scopes: ['a'] });
  expect(boundsOf(api, { scopes: ['b'], perUser: { ratelimit: rate(7) } })).toEqual({
    ...{ ...ofApi, scopes: ['b'], userRate: rate(7) },
  });
  expect(boundsOf(api, { scopes: null })).not.toHaveProperty('scopes');
  const { policy: _, ...plain } = api;
  const fromDocument: Api = { ...plain, scopeSource: { portalId: 'portal_1', kinds: ['oauth'] } };
  // Without a list, keys can have no scopes, unless they come from a document.
  expect([boundsOf(plain), boundsOf(fromDocument), boundsOf(fromDocument, { scopes: ['a'] })]).toEqual([
    { scopes: [] },
    {},
    { scopes: ['a'] },
  ]);
});
