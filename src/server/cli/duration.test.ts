import { expect, test } from '@jest/globals';
import { durationOf, durationText } from './duration.ts';

test.each([
  ['0ms', 0],
  ['500ms', 500],
  ['90s', 90_000],
  ['15m', 900_000],
  ['36h', 129_600_000],
  ['90d', 7_776_000_000],
])('%s are %i ms, and back', (text, ms) => {
  expect(durationOf(text)).toBe(ms);
  expect(durationText(ms)).toBe(text);
});

test('the text has the largest unit', () => {
  expect(['60s', '24h', '1000ms'].map((text) => durationText(durationOf(text) ?? 0))).toEqual(['1m', '1d', '1s']);
});

test.each(['', '90', 'd', '-1d', '1.5h', '1 d', '1D', '1d2h', '1y'])('%j is no duration', (text) => {
  expect(durationOf(text)).toBeUndefined();
});
