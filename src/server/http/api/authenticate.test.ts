import { expect, test } from '@jest/globals';
import { bearerOf } from './authenticate.ts';

test.each([
  ['Bearer rk_1', 'rk_1'],
  ['bearer rk_1', 'rk_1'],
  ['BEARER   rk_1  ', 'rk_1'],
  ['Bearer', undefined],
  ['Bearer ', undefined],
  ['Bearerrk_1', undefined],
  ['Bearer a b', undefined],
  [' Bearer a', undefined],
  ['Basic a', undefined],
  ['', undefined],
])('%j has the credential %s', (header, credential) => {
  expect(bearerOf(header)).toBe(credential);
});
