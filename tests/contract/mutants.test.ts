/** Every operation has a mutant of every kind of promise that the spec makes for it, so that a new operation is not left out. */
import { expect, test } from '@jest/globals';
import { allChecks } from '../../contract-tests/checks.ts';
import { titleOf } from '../../contract-tests/engine/check.ts';
import { readSpec } from '../../contract-tests/engine/spec.ts';
import { derivedMutants } from '../../contract-tests/mutants/derived.ts';
import { writtenMutants } from '../../contract-tests/mutants/index.ts';
import { countMutants, mutantMatrixMarkdown } from '../../contract-tests/mutants/matrix.ts';
import { breakablePromises } from '../../contract-tests/mutants/promises.ts';

const spec = await readSpec();
const derived = derivedMutants(spec);
const promises = breakablePromises(spec);
const world = { rootKey: 'rk_one', foreignRootKey: 'rk_two', slug: 'one', disabledSlug: 'two', openapiUrl: '' };
const written = writtenMutants(world);
const titles = allChecks(spec).map(titleOf);
const counts = countMutants(spec, promises, derived, written);
const withNone = (all: ReturnType<typeof countMutants>) =>
  [...all].flatMap(([operation, own]) =>
    [...own].filter(([, count]) => count === 0).map(([kind]) => `${operation}: ${kind}`),
  );

test('every promise of the spec has a mutant', () => {
  const names = new Set(derived.map(({ name }) => name));
  const promised = promises.map(({ operation, kind, what }) => `${operation}: ${kind}: ${what}`);
  expect(promised.filter((name) => !names.has(name))).toEqual([]);
  expect(promised.length).toBeGreaterThan(1000);
});

test('every operation has a mutant of every kind that it promises', () => {
  expect(withNone(counts)).toEqual([]);
});

test('an operation without a mutant of a kind is named', () => {
  const without = derived.filter(({ promise }) => promise.operation !== 'keys.getKey' || promise.kind !== 'header');
  expect(withNone(countMutants(spec, promises, without, written))).toEqual(['keys.getKey: header']);
  // Mutants of several operations are still there: they break a check of one of them, and nobody knows of which.
  const others = written.filter(({ name }) => name !== 'getKey returns every key as disabled');
  expect(withNone(countMutants(spec, promises, derived, others))).toEqual(['keys.getKey: behaviour']);
});

test('mutants have different names, and checks that exist', () => {
  const byName = Map.groupBy([...derived, ...written], ({ name }) => name);
  expect([...byName].filter(([, own]) => own.length > 1).map(([name]) => name)).toEqual([]);
  const known = new Set(titles);
  expect(derived.filter(({ checks }) => checks.length === 0).map(({ name }) => name)).toEqual([]);
  expect(derived.flatMap(({ checks }) => checks.filter((title) => !known.has(title)))).toEqual([]);
  expect(written.filter(({ breaks }) => !titles.some((title) => breaks.test(title))).map(({ name }) => name)).toEqual(
    [],
  );
});

test('the matrix has a row for each operation and a column for each kind', () => {
  const [head = '', , ...rows] = mutantMatrixMarkdown(counts).split('\n');
  expect(head).toContain('| request constraint |');
  expect(rows).toHaveLength(counts.size + 1);
});
