import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readDayField, readNumber, readSeries } from './usage-series.ts';

/** Writes as the scripts do; tests/store/usage-roll-up.test.ts checks that they do. */
const digit = (code: number) => String.fromCharCode(code);
const write = (number: number): string => {
  const [last, ...others] = number.toString(32).split('').reverse();
  return (
    others
      .reverse()
      .map((d) => digit(65 + Number.parseInt(d, 32)))
      .join('') + digit(33 + Number.parseInt(last ?? '', 32))
  );
};

test.each([
  ['!', 0],
  ['@', 31],
  ['B!', 32],
  ['`@', 1023],
  ['BA!', 1024],
])('%s is %i', (text, number) => {
  expect(readNumber(text)).toBe(number);
  expect(write(number)).toBe(text);
});

test('a series begins at its first position, and letters are gaps', () => {
  expect(readSeries('')).toEqual([]);
  expect(readSeries('#$!')).toEqual([]);
  expect(readSeries(`${write(5)}${write(50)}${write(7)}c${write(900)}~${write(1)}`)).toEqual([
    [5, 7],
    [9, 900],
    [40, 1],
  ]);
});

test('any counts are read as they are written', () => {
  const counts = fc.array(fc.nat({ max: 2 ** 31 }), { minLength: 1, maxLength: 100 });
  fc.assert(
    fc.property(fc.nat(1439), counts, (first, all) => {
      const text = write(first) + write(first + all.length - 1) + all.map(write).join('');
      expect(readSeries(text)).toEqual(all.map((count, i) => [first + i, count]).filter(([, count]) => count !== 0));
      const field = `${write(12345)}${text}`;
      expect(readDayField(field)).toEqual({ total: 12_345, quarters: text, minutes: '' });
      expect(readDayField(`${field} ${text}`)).toEqual({ total: 12_345, quarters: text, minutes: text });
    }),
  );
});
