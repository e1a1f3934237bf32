import { expect, test } from '@jest/globals';
import { leastCpuMs } from '../least-cpu.ts';
import { isNumber, parseJson, textOf, writeJson } from './json.ts';

test.each([
  ['9223372036854775807', '1253261109769874438', '10.00', '1e3', '1E+2', '1e400', '-0', '0.1000000000000000055'],
  ['0', '10', '-1.5', '1e+21', '[]', '{}', 'true', 'null', '"10.00"', '""'],
])('values stay as they are written: %s, …', (...values) => {
  const text = `[${values.join(',')}]`;
  const parsed = parseJson(text) as unknown[];
  expect(writeJson(parsed)).toBe(text);
  expect(parsed.map(isNumber)).toEqual(values.map((value) => /^[-\d]/.test(value)));
});

test('digits in texts and names are none', () => {
  const text = '{"1.0":"a 1.0, \\"2.0\\" and \\\\","b\\\\":"3.00","c":[4.00,"5.0"]}';
  expect(writeJson(parseJson(text))).toBe(text);
  expect(parseJson(text)).toMatchObject({ '1.0': 'a 1.0, "2.0" and \\', 'b\\': '3.00' });
});

test('a document cannot make a text that is written as something else than a number', () => {
  const pretended = JSON.parse(
    '["\\u0000number:1.0","\\u0000number:</script>","\\u0000number:","\\u0000number:1 \\"x\\": 2"]',
  );
  expect(pretended.map(isNumber)).toEqual([true, false, false, false]);
  expect(JSON.parse(writeJson(pretended))).toHaveLength(4);
});

test('a value is indented, and a very large or deep one is cut', () => {
  expect(writeJson({ a: [1, { b: null }], c: {} }, 2)).toBe(
    '{\n  "a": [\n    1,\n    {\n      "b": null\n    }\n  ],\n  "c": {}\n}',
  );
  expect(writeJson(Array(100_000).fill('xx')).length).toBeLessThan(200_000);
  const deep = JSON.parse(`${'['.repeat(3000)}${']'.repeat(3000)}`);
  expect(writeJson(deep, 2)).toContain('…');
  expect(textOf('x')).toBe('x');
});

test('the time to parse grows with the length of the text', () => {
  const hostile = `["${'\\"'.repeat(200_000)}",${'1.'.padEnd(20, '0')}]`;
  // A quadratic expression takes seconds.
  expect(leastCpuMs(() => parseJson(hostile))).toBeLessThan(300);
  expect(() => parseJson(`[${'"'.repeat(20_001)}`)).toThrow(SyntaxError);
});
