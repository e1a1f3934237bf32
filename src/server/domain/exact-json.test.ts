import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isExact, mayBeInexact, parseWithSource, rawJson } from './exact-json.ts';

test.each([
  '0',
  '-0',
  '0.0',
  '0e999999999999',
  '-0.000e5',
  '1.0',
  '10.00',
  '1e3',
  '1E+3',
  '100e-2',
  '0.1',
  '9007199254740991',
  '9007199254740992',
  '9007199254740994',
  '1.7976931348623157e308',
  '5e-324',
  '1e+300',
  '0.30000000000000004',
  '123456789012345000000000000000000000',
  `1${'0'.repeat(22)}`,
])('%s is exact', (number) => {
  expect(isExact(number)).toBe(true);
});

test.each([
  '12345678901234567890',
  '-12345678901234567890',
  '9007199254740993',
  '9223372036854775807',
  '1e400',
  '-1e400',
  '1e-400',
  '1e99999999999999999999',
  '0.1000000000000000055',
  '0.1000000000000000055511151231257827',
  '4e-324',
  '1.00000000000000001',
])('%s is not', (number) => {
  expect(isExact(number)).toBe(false);
});

test('a long number takes linear time', () => {
  const zeros = '0'.repeat(100_000);
  expect([`1${zeros}1`, `0.${zeros}1${zeros}1`, `1.${zeros}`].map(isExact)).toEqual([false, false, true]);
});

/** Any number of JSON. */
const digits = (min: number, max: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: min, maxLength: max });
const jsonNumber = fc
  .tuple(
    fc.constantFrom('', '-'),
    digits(1, 20).map((text) => text.replace(/^0+(?=\d)/, '')),
    fc.option(digits(1, 20), { nil: undefined }),
    fc.option(fc.integer({ min: -340, max: 340 }), { nil: undefined }),
  )
  .map(
    ([sign, whole, fraction, exponent]) =>
      `${sign}${whole}${fraction === undefined ? '' : `.${fraction}`}${exponent === undefined ? '' : `e${exponent}`}`,
  );

test('a number is exact if its value is the value of what JavaScript writes, by arithmetic with integers', () => {
  const scale = 800n;
  /** The value times 10 to the power of `scale`. */
  const scaled = (number: string) => {
    const [, sign, whole = '', fraction = '', exponent = '0'] =
      /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(number) ?? [];
    const value = BigInt(whole + fraction) * 10n ** (scale + BigInt(exponent) - BigInt(fraction.length));
    return sign === '-' ? -value : value;
  };
  fc.assert(
    fc.property(jsonNumber, (number) => {
      const written = String(Number(number));
      const isSame = written !== 'Infinity' && written !== '-Infinity' && scaled(written) === scaled(number);
      expect([number, isExact(number)]).toEqual([number, isSame]);
    }),
  );
});

test('no number that may not be exact passes the cheap test', () => {
  fc.assert(
    fc.property(jsonNumber, (number) => {
      expect([number, isExact(number) || mayBeInexact(`{"a":${number}}`)]).toEqual([number, true]);
    }),
  );
});

test.each(['{"a":9007199254740993}', '{"a":1e400}', '{"a":1E-324}'])('a body at its bound does not: %s', (json) => {
  expect(mayBeInexact(json)).toBe(true);
});

test.each(['{"limit":20,"expires":4070908800000,"meta":{"a":1.5,"b":1e21}}', '{"name":"2026-11-26T08:00:00.000Z"}'])(
  'a usual body passes the cheap test: %s',
  (json) => {
    expect(mayBeInexact(json)).toBe(false);
  },
);

test('numbers can keep their text', () => {
  const text = '{"a":[12345678901234567890,10.00,1e400,-0],"b":"1.0"}';
  const value = parseWithSource(text, (_, part, { source }) =>
    typeof part === 'number' ? rawJson(source ?? '') : part,
  );
  expect(JSON.stringify(value)).toBe(text);
});
