/** Numbers of JSON as they are written. JavaScript reads them as doubles (IEEE 754), which changes some of them. */

/**
 * `JSON.parse` that tells the text of each primitive value, and a value that `JSON.stringify` writes as it is
 * (https://tc39.es/proposal-json-parse-with-source). TypeScript has no types of them yet.
 */
export const { parse: parseWithSource, rawJSON: rawJson } = JSON as unknown as {
  parse(text: string, reviver: (name: string, value: unknown, context: { source?: string }) => unknown): unknown;
  rawJSON(text: string): object;
};

/**
 * The value of a decimal number, as its digits without zeros at either end and the exponent behind them: the same text for
 * the same value. Undefined for a text that is no such number.
 */
function decimalOf(number: string): string | undefined {
  const parts = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number);
  if (parts === null) return undefined;
  const [, whole = '', fraction = '', exponent = '0'] = parts;
  const digits = whole + fraction;
  let end = digits.length;
  while (end > 0 && digits[end - 1] === '0') end--;
  const significant = digits.slice(0, end).replace(/^0+/, '');
  if (significant === '') return '0';
  return `${significant}e${Number(exponent) - fraction.length + digits.length - end}`;
}

/**
 * Whether a number of JSON has the same decimal value after it was read as a double and written again: `1.0`, `10.00` and
 * `1e3` have, `12345678901234567890`, `1e400` and `0.1000000000000000055` do not. Zero has no sign.
 */
export const isExact = (number: string): boolean => decimalOf(number) === decimalOf(String(Number(number)));

/**
 * Whether a JSON text may have a number that is not exact: one of 16 characters or more, or with an exponent of three digits.
 * All others are: a double holds 15 decimal digits.
 */
export const mayBeInexact = (json: string): boolean => /[\d.]{16}|\d[eE][+-]?\d{3}/.test(json);
