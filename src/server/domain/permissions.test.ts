import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { covers, firstMissing, firstTab, isPermission, visibleTabs } from './permissions.ts';

describe('covers', () => {
  test.each([
    ['*.*.*', 'api.*.read_key', true],
    ['api.*.*', 'api.api_1.read_key', true],
    ['api.*.read_key', 'api.*.read_key', true],
    ['api.*.read_key', 'api.api_1.read_key', true],
    ['api.api_1.read_key', 'api.api_1.read_key', true],
    ['api.api_1.read_key', 'api.*.read_key', false],
    ['api.api_1.read_key', 'api.api_2.read_key', false],
    ['api.*.read_key', 'api.*.create_key', false],
    ['portal.*.*', 'api.*.read_key', false],
    ['api.*', 'api.*.read_key', false],
  ])('%s, asked for %s: %s', (granted, required, expected) => {
    expect(covers(granted, required)).toBe(expected);
  });

  test('each tuple covers itself, and only *.*.* covers all', () => {
    const segments = ['*', 'a', 'b'];
    const tuples = segments.flatMap((x) => segments.flatMap((y) => segments.map((z) => `${x}.${y}.${z}`)));
    expect(tuples.filter((one) => covers(one, one))).toEqual(tuples);
    expect(tuples.filter((one) => covers('*.*.*', one))).toEqual(tuples);
    expect(tuples.filter((one) => covers(one, '*.*.*'))).toEqual(['*.*.*']);
  });
});

describe('the wildcard rule, for random tuples', () => {
  const segment = fc.oneof(fc.constant('*'), fc.constantFrom('api', 'a', 'b'), fc.stringMatching(/^[\w-]{1,8}$/));
  const tuple = fc.tuple(segment, segment, segment).map((segments) => segments.join('.'));
  const sure = fc.stringMatching(/^[\w-]{1,8}$/);

  test('a tuple covers another exactly if each of its segments is * or equal', () => {
    fc.assert(
      fc.property(tuple, tuple, (granted, required) => {
        const [have, want] = [granted.split('.'), required.split('.')];
        const pattern = new RegExp(`^${have.map((part) => (part === '*' ? '[^.]+' : part)).join('\\.')}$`);
        expect(covers(granted, required)).toBe(pattern.test(want.join('.')));
      }),
    );
  });

  test('covers is a partial order: reflexive, transitive and antisymmetric', () => {
    fc.assert(
      fc.property(tuple, tuple, tuple, (one, two, three) => {
        expect(covers(one, one)).toBe(true);
        // A root key with the wider permission can grant everything that the narrower one allows.
        expect(covers(one, two) && covers(two, three) && !covers(one, three)).toBe(false);
        expect(covers(one, two) && covers(two, one)).toBe(one === two);
      }),
    );
  });

  test('only a * covers a required *', () => {
    fc.assert(
      fc.property(sure, sure, sure, (type, id, action) => {
        expect(covers(`${type}.${id}.${action}`, `${type}.*.${action}`)).toBe(false);
        expect(covers(`${type}.*.${action}`, `${type}.${id}.${action}`)).toBe(true);
      }),
    );
  });

  test('no permission is missing exactly if a granted one covers each required one', () => {
    fc.assert(
      fc.property(fc.array(tuple, { maxLength: 5 }), fc.array(tuple, { maxLength: 5 }), (granted, required) => {
        const missing = required.filter((one) => !granted.some((permission) => covers(permission, one)));
        expect(firstMissing(granted, required)).toBe(missing[0]);
      }),
    );
  });
});

test('firstMissing returns the first permission that no granted one covers', () => {
  expect(firstMissing(['api.*.read_key'], ['api.a.read_key', 'api.a.delete_key', 'x.y.z'])).toBe('api.a.delete_key');
  expect(firstMissing(['api.*.read_key', 'x.y.z'], ['api.a.read_key', 'x.y.z'])).toBeUndefined();
  expect(firstMissing([], ['x.y.z'])).toBe('x.y.z');
});

test.each([
  ['api.*.read_key', true],
  ['*.*.*', true],
  ['api.*', false],
  ['api..read_key', false],
  ['api.*.read_key.more', false],
  ['api.* .read_key', false],
  ['', false],
])('isPermission(%j) is %s', (text, expected) => {
  expect(isPermission(text)).toBe(expected);
});

test('the order of the tabs does not depend on the order of the permissions', () => {
  expect(visibleTabs(['api.*.read_analytics', 'api.*.delete_key'])).toEqual(['keys', 'analytics', 'docs']);
  expect(visibleTabs(['api.*.unheard_of'])).toEqual(['docs']);
  expect(visibleTabs([])).toEqual([]);
  const ordered = [{ tab: 'docs' }, { tab: 'unheard-of' }, { tab: 'account' }, { tab: 'docs' }];
  expect(visibleTabs(['api.*.read_key', 'api.*.read_analytics'], ordered)).toEqual(['docs', 'keys', 'analytics']);
  expect(firstTab({ permissions: ['api.*.read_key'] }, ordered)).toBe('docs');
  expect(firstTab({ permissions: ['api.*.read_key'], tab: 'keys' }, ordered)).toBe('keys');
  expect(firstTab({ permissions: [] }, ordered)).toBe('docs');
});
