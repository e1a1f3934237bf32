import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { identifierFailures, nameFailures, searchForm, storedName, textFailures } from './text.ts';

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
  // Lengths are in code points, as in JSON Schema.
  ['😀😀😀😀', rule, true],
  ['😀', rule, false],
  ['😀😀😀😀😀', rule, false],
  // A pattern is one of Unicode, as in JSON Schema.
  ['😀😀', { ...rule, pattern: '^..$' }, true],
  ['a://b', { ...rule, maxLength: 5, format: 'uri' }, true],
  ['ab', { ...rule, format: 'uri' }, false],
  ['ab', { ...rule, format: 'date' }, true],
])('%j by %j is valid: %s', (value, by, isValid) => {
  expect(textFailures('name', value, by, 'Fix it.')).toEqual(isValid ? [] : [failure]);
});

const bounds = { minLength: 1, maxLength: 8 };
const messagesOf = (name: string | null | undefined) =>
  nameFailures('name', name, bounds).map(({ message }) => message);

describe('a name', () => {
  test.each([
    [undefined],
    [null],
    ['a'],
    ['  a  '],
    ['a  b'],
    ['1'],
    ['#'],
    ['€'],
    ['名前'],
    ['שם'],
    ['कि'],
    ['می\u200cخواهم'],
    ['👩‍💻'],
    ['❤️'],
    ['🏴󠁧󠁢󠁥󠁮󠁧󠁿'],
    ['😀'.repeat(8)],
    ['e\u0301'.repeat(8)],
    [`${' '.repeat(20)}a${'\u3000'.repeat(20)}`],
    ['a\u200b'],
  ])('can be %j', (name) => {
    expect(messagesOf(name)).toEqual([]);
  });

  test.each([
    '\u0000',
    'a\u0000',
    'two\nlines',
    'a\tb',
    'a\n',
    '\r\na',
    '\u007f',
    'a\u0085b',
    'a\u2028b',
    'a\u2029',
    'a\ud800',
  ])('has no control characters: %j', (name) => {
    expect(messagesOf(name)).toEqual(['must not have control characters or line breaks']);
  });

  test.each([...'\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c'])(
    'has no characters that change the direction of text: %j',
    (character) => {
      for (const name of [`${character}gnitset`, `a${character}`, character]) {
        expect(messagesOf(name)).toEqual(['must not have characters that change the direction of text']);
      }
    },
  );

  test.each([
    '\u200b',
    '\u3164',
    '\u115f\u1160',
    '\uffa0',
    '\u2800',
    '\u{1d159}',
    '\u00ad',
    '\u2060',
    '\u180e',
    '\ufe0f',
    '\u{e0020}',
    '\u0301',
    '\u200b \u200b',
    '\ue000',
    '\uffff',
  ])('has a visible character: %j alone is refused', (name) => {
    expect(messagesOf(name)).toEqual(['must have a visible character']);
  });

  test.each(['', ' ', '\u00a0\u3000\ufeff', '😀'.repeat(9), 'a'.repeat(9), '\u0958'.repeat(5)])(
    'has 1 to 8 characters as it is stored: %j is refused',
    (name) => {
      expect(nameFailures('branding.name', name, bounds)).toEqual([
        { location: 'body.branding.name', message: 'must have 1 to 8 characters', fix: 'Use 1 to 8 characters.' },
      ]);
    },
  );

  test('is stored in form C and without white space at its ends, and that changes nothing the second time', () => {
    expect(storedName(' \u3000Cafe\u0301  b\u00a0')).toBe('Caf\u00e9  b');
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 12 }), (name) => {
        const stored = storedName(name);
        expect(storedName(stored)).toBe(stored);
        expect([stored, messagesOf(name).length > 0 ? [] : messagesOf(stored)]).toEqual([stored, []]);
      }),
    );
  });
});

test('an identifier stays as it is, unless it was changed on its way', () => {
  for (const kept of ['user_1', ' a ', 'e\u0301', 'é', '\u202e', '😀', 'a\u200b']) {
    expect(identifierFailures('externalId', kept)).toEqual([]);
  }
  for (const unclear of ['a\u0000', '\n', '\u007f', '\u0085', 'jos\ufffd', '\ud800']) {
    expect(identifierFailures('externalId', unclear)).toMatchObject([{ location: 'body.externalId' }]);
  }
});

describe('a search', () => {
  const finds = (search: string, name: string) => searchForm(name).includes(searchForm(search));

  test.each([
    ['prod', 'Production'],
    ['PROD', 'production'],
    ['strasse', 'Straße'],
    ['STRASSE', 'Straße'],
    ['straße', 'STRASSE'],
    ['ẞ', 'gross'],
    ['istanbul', 'İstanbul'],
    ['İSTANBUL', 'istanbul'],
    ['ISPARTA', 'ısparta'],
    ['é', 'Cafe\u0301'],
    ['e\u0301', 'Caf\u00c9'],
    ['cafe', 'Café'],
    ['οδοσ', 'ΟΔΟΣ'],
    ['ΟΔΟΣ', 'οδος'],
    ['fi', 'ﬁle'],
    ['ａｂｃ', 'abc'],
    ['ABC', 'ａｂｃ'],
    ['a b', 'a \u00a0 b'],
    ['prodkey', 'prod\u200bkey'],
    ['в', 'В'],
    ['가', '각'],
  ])('for %j finds %j', (search, name) => {
    expect(finds(search, name)).toBe(true);
  });

  test.each([
    ['prod', 'Test'],
    ['a  c', 'a b'],
    ['ab', 'a b'],
    ['о', 'o'],
  ])('for %j does not find %j', (search, name) => {
    expect(finds(search, name)).toBe(false);
  });

  test('finds every text in itself, in any case and form', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 10 });
    fc.assert(
      fc.property(text, text, text, (before, part, after) => {
        const name = `${before} ${part} ${after}`;
        for (const search of [part, part.toLowerCase(), part.normalize('NFC'), part.normalize('NFD')]) {
          expect([name, search, finds(search, name)]).toEqual([name, search, true]);
        }
      }),
    );
  });
});
