import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addressOf, canBeInAddress, everything, queryIn } from './key-query.ts';

const apiId = 'api_2c9a0jf23l4k567mnopq';

test('everything has no address, and no address is everything', () => {
  expect(addressOf(everything)).toBe('');
  expect(queryIn('')).toEqual(everything);
});

test('a query comes back from its address', () => {
  const query = { search: 'prod & test', apiId, state: 'expiring', sort: 'lastUsed', page: 3 } as const;
  expect(addressOf(query)).toBe(`?search=prod+%26+test&api=${apiId}&state=expiring&sort=lastUsed&page=3`);
  expect(queryIn(addressOf(query))).toEqual(query);
});

test.each([
  '?state=gone',
  '?sort=size',
  '?page=0',
  '?page=1.5',
  '?page=x',
  '?page=1e9',
  '?api=other',
  '?api=api_%0a',
  '?x=1',
])('%s is not understood', (address) => {
  expect(queryIn(address)).toEqual(everything);
});

describe('a key', () => {
  const keys = [
    'acme_8BYjQidxjU6L0HsWFfuEqOvowQLWYgzQY',
    '8BYjQidxjU6L0HsW',
    '550e8400-e29b-41d4-a716-446655440000',
    'sk-live.abc+def/ghi=123',
    'name acme_8BYjQidxjU6L0HsWFfuEqOvow',
  ];

  test.each(keys)('never gets into an address: %s', (search) => {
    expect(canBeInAddress(search)).toBe(false);
    expect(addressOf({ ...everything, search, page: 2 })).toBe('?page=2');
  });

  test.each(keys)('is not taken from one: %s', (search) => {
    expect(queryIn(`?search=${encodeURIComponent(search)}`)).toEqual(everything);
  });

  test('with any text before it', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ unit: fc.constantFrom(...'aZ09_-'), minLength: 16 }), (text, key) => {
        expect(addressOf({ ...everything, search: `${text}${key}` })).toBe('');
      }),
    );
  });
});

test.each(['Production', 'acme_lyOG', 'Continuous integration', 'a b c d e f g h i'])('%s is no key', (search) => {
  expect(queryIn(addressOf({ ...everything, search })).search).toBe(search);
});
