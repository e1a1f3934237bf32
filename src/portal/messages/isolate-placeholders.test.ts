import { expect, test } from '@jest/globals';
import { isolatePlaceholders } from './isolate-placeholders.ts';

test('placeholders without a format are isolated at any depth, and nothing else changes', () => {
  const messages = {
    text: 'a {name} b {count, number}',
    part: { choice: '{kind, select, true {«{name}»} other {x {y}}}', none: 'plain' },
  };
  expect(isolatePlaceholders(messages)).toEqual({
    text: 'a \u2068{name}\u2069 b {count, number}',
    part: { choice: '{kind, select, true {«\u2068{name}\u2069»} other {x \u2068{y}\u2069}}', none: 'plain' },
  });
});
