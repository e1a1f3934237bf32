import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
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
        // A root key with the wider permission can grant everything that the narrower one allows.
        for (const three of tuples) if (covers(two, three)) expect(covers(one, three)).toBe(true);
      }
    }
  });
});

describe('the one rule of wildcards, for any tuples', () => {
  const segment = fc.oneof(fc.constant('*'), fc.constantFrom('api', 'a', 'b'), fc.stringMatching(/^[\w-]{1,8}$/));
  const tuple = fc.tuple(segment, segment, segment).map((segments) => segments.join('.'));
  const sure = fc.stringMatching(/^[\w-]{1,8}$/);

  test('a tuple covers another exactly where each of its segments is * or the same', () => {
    fc.assert(
      fc.property(tuple, tuple, (granted, required) => {
        const [have, want] = [granted.split('.'), required.split('.')];
        const pattern = new RegExp(`^${have.map((part) => (part === '*' ? '[^.]+' : part)).join('\\.')}$`);
        expect(covers(granted, required)).toBe(pattern.test(want.join('.')));
      }),
    );
  });

  test('it is an order: each covers itself, greater covers all that lesser covers, and only equals cover each other', () => {
    fc.assert(
      fc.property(tuple, tuple, tuple, (one, two, three) => {
        expect(covers(one, one)).toBe(true);
        if (covers(one, two) && covers(two, three)) expect(covers(one, three)).toBe(true);
        if (covers(one, two) && covers(two, one)) expect(one).toBe(two);
      }),
    );
  });

  test('what is asked for with a * is never covered by less than a *', () => {
    fc.assert(
      fc.property(sure, sure, sure, (type, id, action) => {
        expect(covers(`${type}.${id}.${action}`, `${type}.*.${action}`)).toBe(false);
        expect(covers(`${type}.*.${action}`, `${type}.${id}.${action}`)).toBe(true);
      }),
    );
  });

  test('nothing is missing exactly where each that is asked for is covered by one that is held', () => {
    fc.assert(
      fc.property(fc.array(tuple, { maxLength: 5 }), fc.array(tuple, { maxLength: 5 }), (held, asked) => {
        const missing = asked.filter((required) => !held.some((granted) => covers(granted, required)));
        expect(firstMissing(held, asked)).toBe(missing[0]);
      }),
    );
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
