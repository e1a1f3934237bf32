import { expect, test } from '@jest/globals';
import { textFailures } from './text-rules.ts';

const rule = { minLength: 2, maxLength: 4 };
const failure = { location: 'body.name', message: 'is not valid', fix: 'Fix it.' };

test.each([
  [undefined, rule, true],
  [null, rule, true],
  ['a', rule, false],
  ['ab', rule, true],
  ['abcd', rule, true],
  ['abcde', rule, false],
  ['ab', { ...rule, pattern: '^[a-c]+$' }, true],
  ['ad', { ...rule, pattern: '^[a-c]+$' }, false],
  // A pattern is one of Unicode, as in JSON Schema.
  ['😀', { ...rule, pattern: '^.$' }, true],
  ['a:', { ...rule, format: 'uri' }, true],
  ['ab', { ...rule, format: 'uri' }, false],
  ['ab', { ...rule, format: 'date' }, true],
])('%j by %j is valid: %s', (value, by, isValid) => {
  expect(textFailures('name', value, by, 'Fix it.')).toEqual(isValid ? [] : [failure]);
});
