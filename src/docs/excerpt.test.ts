import { expect, test } from '@jest/globals';
import { excerptOf, markMatches } from './excerpt.ts';

const shown = (parts: { text: string; isMatch: boolean }[]) =>
  parts.map(({ text, isMatch }) => (isMatch ? `[${text}]` : text)).join('');

test.each([
  ['Reroll a key. Rerolled keys stay.', ['reroll', 'keys'], '[Reroll] a key. Rerolled [keys] stay.'],
  ['Call portal.createSession first.', ['createsession'], 'Call portal.[createSession] first.'],
  ['Set MAX_KEYS and keys.', ['keys'], 'Set MAX_[KEYS] and [keys].'],
  ['A (b) a+b', ['a+b', 'b'], 'A ([b]) [a+b]'],
  ['Nothing matches.', [], 'Nothing matches.'],
  ['', ['key'], ''],
])('in %j the terms %j are marked', (text, terms, expected) => {
  expect(shown(markMatches(text, terms))).toBe(expected);
});

test('an excerpt shows the place with the most different terms', () => {
  const filler = 'other words '.repeat(30);
  const excerpt = shown(excerptOf(`A session. ${filler}A session ends at logout. ${filler}`, ['session', 'logout']));
  expect(excerpt).toContain('A [session] ends at [logout].');
  expect(excerpt).toMatch(/^… (other|words) /);
  expect(excerpt).toMatch(/ (other|words) …$/);
  expect(excerpt.length).toBeLessThan(190);
});

test('an excerpt without a match is the beginning of the text, on one line', () => {
  expect(shown(excerptOf('First\n  sentence.', ['nothing']))).toBe('First sentence.');
});

test('a word longer than an excerpt is not lost', () => {
  expect(shown(excerptOf('x'.repeat(300), ['y']))).toMatch(/^x{100,}/);
});
