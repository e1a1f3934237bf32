import { describe, expect, test } from '@jest/globals';
import { covers, firstMissing, isPermission, visibleTabs } from './permissions.ts';

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

  test('no tuple covers more than everything, and each covers itself', () => {
    const segments = ['*', 'a', 'b'];
    const tuples = segments.flatMap((x) => segments.flatMap((y) => segments.map((z) => `${x}.${y}.${z}`)));
    for (const one of tuples) {
      expect(covers(one, one)).toBe(true);
      expect(covers('*.*.*', one)).toBe(true);
      expect(covers(one, '*.*.*')).toBe(one === '*.*.*');
      for (const two of tuples) {
        if (!covers(one, two)) continue;
        // Whoever holds the greater may hand out all that the lesser allows.
        for (const three of tuples) if (covers(two, three)) expect(covers(one, three)).toBe(true);
      }
    }
  });
});

test('the first permission that nothing covers is the one that is missing', () => {
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

test('the tabs come in one order, whatever the order of the permissions', () => {
  expect(visibleTabs(['api.*.read_analytics', 'api.*.delete_key'])).toEqual(['keys', 'analytics', 'docs']);
  expect(visibleTabs(['api.*.unheard_of'])).toEqual(['docs']);
  expect(visibleTabs([])).toEqual([]);
});
