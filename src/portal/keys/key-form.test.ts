import { describe, expect, test } from '@jest/globals';
import type { ApiKey } from '../../../generated/client/types.gen.ts';
import { changeOf, fieldsOf, type KeyFields, rangesIn, settingsOf, wrongAt } from './key-form.ts';

const now = new Date(2026, 10, 24, 12);
const day = 86_400_000;
const blank = fieldsOf();
const inForm = (over: Partial<KeyFields>, policy = {}) => settingsOf({ ...blank, ...over }, policy, now);

const key: ApiKey = {
  keyId: 'key_1',
  apiId: 'api_1',
  start: 'pay_1',
  name: 'Production',
  enabled: true,
  managed: false,
  createdAt: now.getTime() - 5 * day,
  updatedAt: 0,
  expires: now.getTime() + day,
  scopes: ['b', 'a'],
  ratelimit: { duration: 60_000, limit: 5 },
  ipRanges: ['192.0.2.0/24', '2001:db8::/32'],
};

test('an empty form has no settings, and a full one has all', () => {
  expect(inForm({})).toEqual({ settings: {}, wrong: {} });
  const fields = {
    name: ' Production ',
    expiry: '7d',
    scopes: new Set(['a']),
    limit: ' 5 ',
    ranges: '192.0.2.1\n\n::1, ::1',
  };
  expect(inForm(fields as Partial<KeyFields>)).toEqual({
    settings: {
      name: 'Production',
      expires: now.getTime() + 7 * day,
      scopes: ['a'],
      ratelimit: { limit: 5, duration: 60_000 },
      ipRanges: ['192.0.2.1', '::1'],
    },
    wrong: {},
  });
});

test.each(['100', '١٠٠', '۱۰۰', '１００'])('the limit %s is 100, whichever digits the keyboard types', (limit) => {
  expect(inForm({ limit }).settings.ratelimit?.limit).toBe(100);
});

describe('a field is wrong', () => {
  const policy = {
    perKey: { ratelimit: { limit: 100, duration: 60_000 } },
    maxLifetime: 30 * day,
    ipRanges: { mode: 'required' as const, ranges: [] },
  };
  test.each<[string, Partial<KeyFields>, object]>([
    ['a date without a day', { expiry: 'date' }, { expiry: 'noDay', ranges: { missing: true } }],
    ['a later end than allowed', { expiry: '90d', ranges: '::1' }, { expiry: 'tooLate' }],
    ['a later day than allowed', { expiry: 'date', day: '2026-12-25', ranges: '::1' }, { expiry: 'tooLate' }],
    ['no number', { limit: '1.5', ranges: '::1' }, { limit: 'noNumber' }],
    ['zero', { limit: '0', ranges: '::1' }, { limit: 'noNumber' }],
    ['a text', { limit: 'many', ranges: '::1' }, { limit: 'noNumber' }],
    ['too many', { limit: '101', ranges: '::1' }, { limit: 'tooHigh' }],
    ['too many in a second', { limit: '2', duration: 1000, ranges: '::1' }, { limit: 'tooHigh' }],
    ['nothing wrong', { limit: '100', ranges: '::1', expiry: '30d' }, {}],
  ])('%s', (_, fields, wrong) => {
    expect(inForm(fields, policy).wrong).toEqual(wrong);
  });

  test('the last allowed day ends at the latest time, not at its end', () => {
    expect(inForm({ expiry: 'date', day: '2026-12-24', ranges: '::1' }, policy)).toEqual({
      settings: { expires: now.getTime() + 30 * day, ipRanges: ['::1'] },
      wrong: {},
    });
  });
});

describe('a change', () => {
  const changed = (over: Partial<KeyFields>) => {
    const fields = { ...fieldsOf(key), ...over };
    return changeOf(key, fields, settingsOf(fields, {}, now, key.createdAt).settings);
  };
  test.each<[string, Partial<KeyFields>, object]>([
    ['nothing', {}, {}],
    ['the name', { name: 'New' }, { name: 'New' }],
    ['no name', { name: ' ' }, { name: null }],
    ['no end', { expiry: 'never' }, { expires: null }],
    ['another end', { expiry: '7d' }, { expires: now.getTime() + 7 * day }],
    ['the order of scopes', { scopes: new Set(['a', 'b']) }, {}],
    ['scopes', { scopes: new Set(['a']) }, { scopes: ['a'] }],
    ['no scopes', { scopes: new Set() }, { scopes: null }],
    ['the rate', { limit: '6' }, { ratelimit: { limit: 6, duration: 60_000 } }],
    ['the time', { duration: 1000 }, { ratelimit: { limit: 5, duration: 1000 } }],
    ['no rate', { limit: '' }, { ratelimit: null }],
    ['ranges', { ranges: '::1' }, { ipRanges: ['::1'] }],
    ['no ranges', { ranges: '' }, { ipRanges: null }],
  ])('of %s', (_, over, change) => {
    expect(changed(over)).toEqual({ keyId: 'key_1', ...change });
  });
});

test('ranges are separated by white space, commas and semicolons', () => {
  expect(rangesIn(' a\nb,c;\td\r\n')).toEqual(['a', 'b', 'c', 'd']);
});

test('the server’s failures are those of the fields', () => {
  const fields = { ...blank, ranges: 'a\nb' };
  expect(wrongAt(['body.ipRanges[1]', 'body.ratelimit', 'body.expires', 'body.name'], fields)).toEqual({
    ranges: { range: 'b' },
    limit: 'tooHigh',
    expiry: 'tooLate',
  });
  expect(wrongAt([], fields)).toEqual({});
});
