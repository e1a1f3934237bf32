import { describe, expect, test } from '@jest/globals';
import { Command } from 'commander';
import type { UserPolicy } from '../../../generated/client/types.gen.ts';
import { addPolicyParts, type PolicyParts, shownPolicy, withoutNulls, withParts } from './policy-options.ts';

/** The parts that these arguments say. */
const partsOf = (...args: string[]): PolicyParts =>
  addPolicyParts(new Command('set'))
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .parse(args, { from: 'user' })
    .opts();
const set = (before: UserPolicy, ...args: string[]) => withParts(before, partsOf(...args));

const full: UserPolicy = {
  perKey: { ratelimit: { limit: 100, duration: 60_000 } },
  perUser: {
    ratelimit: { limit: 1000, duration: 1500 },
    quota: { limit: 10_000, period: 'month', timeZone: 'Europe/Berlin' },
  },
  maxLifetime: 7_776_000_000,
  scopes: ['read all', 'write'],
  ipRanges: { mode: 'required', ranges: ['192.0.2.0/24'] },
};
const fullArgs = [
  ...['--key-ratelimit', '100/1m', '--user-ratelimit', '1000/1500ms', '--quota', '10000/month'],
  ...['--time-zone', 'Europe/Berlin', '--max-lifetime', '90d', '--scope', 'read all', '--scope', 'write'],
  ...['--ip-mode', 'required', '--ip-range', '192.0.2.0/24'],
];

test('the options set every part', () => {
  expect(set({}, ...fullArgs)).toEqual({ ...full });
});

test.each<[string[], UserPolicy]>([
  [['--max-lifetime', '1h'], { ...full, maxLifetime: 3_600_000 }],
  [
    ['--quota', '5/day'],
    { ...full, perUser: { ...full.perUser, quota: { limit: 5, period: 'day', timeZone: 'Europe/Berlin' } } },
  ],
  [
    ['--time-zone', 'UTC'],
    { ...full, perUser: { ...full.perUser, quota: { limit: 10_000, period: 'month', timeZone: 'UTC' } } },
  ],
  [['--scope', 'write'], { ...full, scopes: ['write'] }],
  [['--ip-range', '::/0'], { ...full, ipRanges: { mode: 'required', ranges: ['::/0'] } }],
  [['--ip-mode', 'allowed'], { ...full, ipRanges: { mode: 'allowed', ranges: ['192.0.2.0/24'] } }],
  [['--scope', 'none', '--ip-range', 'none'], { ...full, scopes: null, ipRanges: null }],
  [['--ip-mode', 'none', '--max-lifetime', 'none'], { ...full, ipRanges: null, maxLifetime: null }],
])('%j changes that part alone', (args, after) => {
  expect(set(full, ...args)).toEqual(after);
});

test('a part of a user can be that of the API again', () => {
  const args = ['--key-ratelimit', '--user-ratelimit', '--quota', '--max-lifetime', '--scope', '--ip-mode'];
  const { perKey, perUser, ...rest } = set(full, ...args.flatMap((arg) => [arg, 'inherit']));
  expect([perKey, perUser, rest]).toEqual([{}, {}, {}]);
});

test('the policy of an API has no part for a bound that is lifted', () => {
  const args = ['--key-ratelimit', '--user-ratelimit', '--quota', '--max-lifetime', '--scope', '--ip-mode'];
  expect(withoutNulls(set(full, ...args.flatMap((arg) => [arg, 'none'])))).toEqual({ perKey: {}, perUser: {} });
  expect(withoutNulls(full)).toEqual(full);
});

describe('a mistake', () => {
  test.each([
    ['--key-ratelimit', '100', 'Use the form 100/1m'],
    ['--key-ratelimit', '0/1m', 'It must be a whole number from 1 to 1000000000.'],
    ['--key-ratelimit', '1e3/1m', 'It must be a whole number'],
    ['--user-ratelimit', '5/1', 'It must be a duration such as 30s, 15m, 12h or 90d, from 1s to 30d.'],
    ['--user-ratelimit', '5/31d', 'from 1s to 30d'],
    ['--quota', '5/year', 'The period must be hour, day, week, month.'],
    ['--quota', '-5/day', 'It must be a whole number'],
    ['--max-lifetime', '59s', 'from 1m to 3650d'],
    ['--ip-mode', 'any', 'Allowed choices are allowed, required, none, inherit.'],
  ])('%s %s is refused, and the message says what it must be', (flag, value, message) => {
    expect(() => partsOf(flag, value)).toThrow(message);
  });

  test('options that contradict each other are refused', () => {
    expect(() => set(full)).toThrow('There is nothing to set');
    expect(() => set({}, '--time-zone', 'UTC')).toThrow('--time-zone needs a --quota');
    expect(() => set({}, '--time-zone', 'UTC', '--quota', 'none')).toThrow('--time-zone needs a --quota');
    expect(() => set({}, '--scope', 'a', '--scope', 'none')).toThrow('--scope none stands alone');
  });
});

test('a policy is shown in the form of the options', () => {
  expect(shownPolicy(full)).toEqual({
    keyRatelimit: '100/1m',
    userRatelimit: '1000/1500ms',
    quota: '10000/month, Europe/Berlin',
    maxLifetime: '90d',
    scopes: 'read all, write',
    ipRanges: 'required: 192.0.2.0/24',
  });
  expect(shownPolicy({ perUser: { quota: null }, ipRanges: { mode: 'required', ranges: [] } })).toEqual({
    quota: 'none',
    ipRanges: 'required: any',
  });
});
