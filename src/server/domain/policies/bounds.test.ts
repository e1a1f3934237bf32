import { describe, expect, test } from '@jest/globals';
import type { Api } from '../../store/apis.ts';
import type { Store } from '../../store/index.ts';
import type { Policy } from '../../store/policies.ts';
import {
  type BoundedSettings,
  type Bounds,
  boundFailures,
  boundsOf,
  endOfKey,
  policyOfBounds,
  scopesOfKey,
  settingBounds,
} from './bounds.ts';

const createdAt = 1_750_000_000_000;
const minute = 60_000;
const numbered = (many: number) => Array.from({ length: many }, (_, i) => `s${i}`);
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

test.each<[string, BoundedSettings, Bounds, string, string, string]>([
  [
    'a rate limit',
    { ratelimit: { limit: 9, duration: 1000 } },
    { keyRate: { limit: 5, duration: minute } },
    'ratelimit',
    'must allow at most 5 per 60000 ms',
    'Send a rate limit of at most 5 per 60000 ms, or none: the key then has this one.',
  ],
  [
    'an end',
    { expires: createdAt + 2 * minute },
    { maxLifetime: minute },
    'expires',
    'must be no later than 2025-06-15T15:07:40.000Z: a key lives for at most 60000 ms',
    'Send an earlier time, or none.',
  ],
  ...(
    [
      ['nothing is', [], 'none'],
      ['one is', ['a'], 'a'],
      ['twenty are', numbered(20), numbered(20).join(', ')],
      ['more are', numbered(22), `${numbered(20).join(', ')} and 2 more`],
    ] as const
  ).map(([what, scopes, text]): [string, BoundedSettings, Bounds, string, string, string] => [
    `a scope where ${what} offered`,
    { scopes: ['x'] },
    { scopes },
    'scopes[0]',
    `must be one of the scopes that are offered: ${text}`,
    'Leave out this scope.',
  ]),
  [
    'a range outside',
    { ipRanges: ['198.51.100.0/24'] },
    { ipRanges: { mode: 'allowed', ranges: ['192.0.2.0/24', '2001:db8::/32'] } },
    'ipRanges[0]',
    'must be within 192.0.2.0/24, 2001:db8::/32',
    'Send a range within these.',
  ],
  [
    'no range of some',
    { ipRanges: [] },
    { ipRanges: { mode: 'required', ranges: ['192.0.2.0/24', '2001:db8::/32'] } },
    'ipRanges',
    'must have a range within 192.0.2.0/24, 2001:db8::/32: each key needs one',
    'Send the addresses from which the key is used.',
  ],
  [
    'no range of any',
    { ipRanges: null },
    { ipRanges: { mode: 'required', ranges: [] } },
    'ipRanges',
    'must have a range: each key needs one',
    'Send the addresses from which the key is used.',
  ],
])('the failure of bounds names the bound and the place: %s', (_, settings, bounds, location, message, fix) => {
  expect(boundFailures(settings, bounds, createdAt)).toEqual([{ location: `body.${location}`, message, fix }]);
  const [within] = boundFailures(settings, bounds, createdAt, { within: 'keys[3].' });
  expect(within?.location).toBe(`body.keys[3].${location}`);
});

test('bounds refuse nothing that is not sent, and leave what is no range to another check', () => {
  const all: Bounds = {
    ...{ keyRate: { limit: 1, duration: 1 }, maxLifetime: 1, scopes: [] },
    ipRanges: { mode: 'allowed', ranges: ['192.0.2.0/24'] },
  };
  expect(boundFailures({}, all, createdAt)).toEqual([]);
  expect(boundFailures({ ratelimit: null, expires: null, scopes: null, ipRanges: null }, all, createdAt)).toEqual([]);
  expect(boundFailures({ ipRanges: ['nonsense'] }, all, createdAt)).toEqual([]);
  expect(boundFailures({ expires: createdAt, scopes: ['x'], ipRanges: ['::/0'] }, {}, createdAt)).toEqual([]);
  expect(boundFailures({ ratelimit: rate, expires: null }, {}, createdAt)).toEqual([]);
  expect(scopesOfKey({}, all)).toEqual([]);
  expect(scopesOfKey({}, {})).toEqual([]);
});

const rate = { limit: 1, duration: minute };
const daily = { limit: 5, period: 'day', timeZone: 'UTC' } as const;
const anywhere = { mode: 'required', ranges: [] };

test.each<[string, Bounds, Policy | undefined]>([
  ['nothing', {}, undefined],
  ['no scope', { scopes: [] }, undefined],
  ['a scope', { scopes: ['a'] }, { scopes: ['a'] }],
  ['the rate of a key', { keyRate: rate }, { perKey: { ratelimit: rate } }],
  ['the rate of a user', { userRate: rate }, { perUser: { ratelimit: rate } }],
  ['a quota', { quota: daily }, { perUser: { quota: daily } }],
  ['a life', { maxLifetime: 9 }, { maxLifetime: 9 }],
  ['ranges', { ipRanges: anywhere }, { ipRanges: anywhere }],
])('bounds and their policy have what is bounded, and nothing else: %s', (_, bounds, policy) => {
  expect(policyOfBounds(bounds)).toStrictEqual(policy);
  const api: Api = { apiId: 'api_1', name: 'API', createdAt, ...(policy && { policy }) };
  expect(boundsOf(api)).toStrictEqual({ scopes: [], ...bounds });
});

test('bounds of settings have the scopes that a document offers, if they come from one', async () => {
  const scopes = [{ scope: 'read' }, { scope: 'write' }];
  const store = { scopes: { catalogue: async () => ({ scopes }) } } as unknown as Store;
  const plain: Api = { apiId: 'api_1', name: 'API', createdAt, policy: { scopes: ['a'], maxLifetime: 9 } };
  expect(await settingBounds(store, 'ws_1', plain, undefined)).toEqual({ scopes: ['a'], maxLifetime: 9 });
  const { policy: _, ...rest } = plain;
  const fromDocument: Api = { ...rest, scopeSource: { portalId: 'portal_1', kinds: ['oauth'] } };
  expect(await settingBounds(store, 'ws_1', fromDocument, { maxLifetime: 7 })).toEqual({
    ...{ scopes: ['read', 'write'], maxLifetime: 7 },
  });
});
