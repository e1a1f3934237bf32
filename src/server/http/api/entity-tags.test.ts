import { expect, test } from '@jest/globals';
import { isKnownTag, tagOf } from './entity-tags.ts';

const tag = tagOf('abc');

test('an ETag is weak', () => {
  expect(tag).toBe('W/"abc"');
});

test.each([
  ['W/"abc"', true],
  // Intermediaries may compare strongly, and drop the mark.
  ['"abc"', true],
  ['"x", W/"abc" ,"y"', true],
  ['*', true],
  [undefined, false],
  ['', false],
  ['abc', false],
  ['w/"abc"', false],
  ['W/W/"abc"', false],
  ['W/"abcd"', false],
  ['"abc-stale", "ab"', false],
])('If-None-Match: %s', (header, known) => {
  expect(isKnownTag(header, tag)).toBe(known);
});
