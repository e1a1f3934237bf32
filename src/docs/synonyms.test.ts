import { expect, test } from '@jest/globals';
import { expandQuery, synonyms } from './synonyms.ts';

test.each([
  ['rotate', [['rotate', ['reroll']]]],
  [
    'Rotate createSession',
    [
      ['Rotate', ['reroll']],
      ['createSession', []],
    ],
  ],
  [
    'how to log-out',
    [
      ['how', []],
      ['to', []],
      ['log out', ['endSession']],
    ],
  ],
  ['logout', [['logout', ['endSession']]]],
  ['Next.js', [['Next.js', ['TypeScript client', 'quickstart']]]],
  ['nextjs', [['nextjs', ['TypeScript client', 'quickstart']]]],
  [
    'next js app',
    [
      ['next js', ['TypeScript client', 'quickstart']],
      ['app', []],
    ],
  ],
  ['webh', [['webh', ['audit log']]]],
  ['web', [['web', []]]],
  ['logo', [['logo', ['branding']]]],
  [
    'webh key',
    [
      ['webh', []],
      ['key', []],
    ],
  ],
  ['  ', []],
])('the query %j is expanded', (query, expected) => {
  expect(expandQuery(query).map(({ typed, documented }) => [typed, documented])).toEqual(expected);
});

test('each phrase of the table is in lower case and occurs once', () => {
  const phrases = synonyms.flatMap(({ typed }) => typed);
  expect(phrases.filter((phrase) => phrase !== phrase.toLowerCase())).toEqual([]);
  expect(new Set(phrases).size).toBe(phrases.length);
});
