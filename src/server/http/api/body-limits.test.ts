import { expect, test } from '@jest/globals';
import { bodyLimits } from '../../../../generated/operations.ts';
import { Problem, type ValidationFailure } from '../../problem.ts';
import { checkBodyLimits } from './body-limits.ts';

const { levels, values, characters } = bodyLimits;

function failuresOf(body: unknown, limits = bodyLimits): ValidationFailure[] {
  try {
    checkBodyLimits(body, limits);
    return [];
  } catch (error) {
    return error instanceof Problem ? (error.failures ?? []) : [];
  }
}
const placesOf = (body: unknown, limits = bodyLimits) =>
  failuresOf(body, limits).map(({ location, message }) => `${location} ${message}`);

/** Lists within each other. */
const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

test('values that are no objects have no level', () => {
  for (const body of [null, true, 5, 'text', undefined]) expect(failuresOf(body)).toEqual([]);
});

test('levels are counted from the body', () => {
  expect(failuresOf(nested(levels))).toEqual([]);
  expect(failuresOf({ a: nested(levels - 1), b: 1 })).toEqual([]);
  expect(placesOf({ a: 1, b: nested(levels) })).toEqual([`body.b${'[0]'.repeat(levels - 1)} is nested too deeply`]);
  expect(placesOf(nested(100_000))).toEqual([`body${'[0]'.repeat(levels)} is nested too deeply`]);
});

test('fields and items are counted together, at every level', () => {
  const items = (length: number) => Array(length).fill(0);
  const message = `body must have at most ${values} fields and items in total`;
  expect(failuresOf(items(values))).toEqual([]);
  expect(placesOf(items(values + 1))).toEqual([message]);
  expect(failuresOf({ a: items(values - 2), b: 1 })).toEqual([]);
  expect(placesOf({ a: items(values - 2), b: [1] })).toEqual([message]);
  expect(placesOf(Object.fromEntries(items(values + 1).map((_, i) => [`f${i}`, 0])))).toEqual([message]);
});

test('items are also counted in each list, as an operation can have fewer of them than fields in total', () => {
  const few = { ...bodyLimits, itemsPerList: 3 };
  expect(failuresOf({ a: [1, 2, 3], b: [1, 2, 3], c: 0, d: 0 }, few)).toEqual([]);
  expect(placesOf({ a: [1, 2, 3, 4], b: [[], [1, 2, 3, 4]] }, few)).toEqual([
    'body.a must have at most 3 items',
    'body.b[1] must have at most 3 items',
  ]);
});

test('texts and names are counted in code points', () => {
  const fits = '😀'.repeat(characters);
  expect(failuresOf({ a: fits, [fits]: [fits] })).toEqual([]);
  expect(placesOf({ a: { b: [`${fits}x`] } })).toEqual([`body.a.b[0] must have at most ${characters} characters`]);
  const name = 'x-'.repeat(characters);
  expect(placesOf({ a: { [name]: 1 } })).toEqual([
    `body.a.${name.slice(0, 256 - 'body.a.'.length)} has a name of more than ${characters} characters`,
  ]);
});

test('the first 20 failures are listed, in the order of the body', () => {
  const long = 'x'.repeat(characters + 1);
  const body = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`f${i}`, long]));
  expect(failuresOf(body).map(({ location }) => location)).toEqual(Array.from({ length: 20 }, (_, i) => `body.f${i}`));
});

test('a long name does not make the locations below it longer than one response shows', () => {
  const name = 'a-'.repeat(2000);
  const body = { [name]: { [name]: { [name]: ['x'.repeat(characters + 1)] } } };
  expect(failuresOf(body).map(({ location }) => location)).toEqual([`body.${name.slice(0, 251)}`]);
});
