import { expect, test } from '@jest/globals';
import { isTyped, limited } from './name-text.ts';

test.each([
  ['Production', 'Production', true],
  ['prod key', 'prod  key', true],
  ['prod key', ' prod\u00a0key\u3000', true],
  ['trail', 'trail ', true],
  ['two lines', 'two\nlines', true],
  ['Caf\u00e9', 'Cafe\u0301', true],
  ['Cafe\u0301 ', 'Caf\u00e9', true],
  ['ab', 'a\u200bb\ufeff', true],
  ['👩💻', '👩‍💻', true],
  ['production', 'Production', false],
  ['Cafe', 'Café', false],
  ['prodkey', 'prod key', false],
  ['', 'a', false],
])('%j is typed for %j: %s', (typed, name, expected) => {
  expect(isTyped(typed, name)).toBe(expected);
});

test('a field takes 255 characters, not UTF-16 units', () => {
  for (const character of ['a', 'é', '😀']) {
    const longest = character.repeat(255);
    expect(limited(longest)).toBe(longest);
    expect(limited(`${longest}${character}`)).toBe(longest);
  }
});
