/** What the contract promises and what the checks look at are the same, both ways. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { cases } from '../../contract-tests/cases/index.ts';
import { allChecks } from '../../contract-tests/checks.ts';
import { titleOf } from '../../contract-tests/engine/check.ts';
import { constraintCases } from '../../contract-tests/engine/constraint-cases.ts';
import { matrixMarkdown, promiseMatrix } from '../../contract-tests/engine/matrix.ts';
import { readSpec, specErrors, specOperations } from '../../contract-tests/engine/spec.ts';
import { maxExceptions, unansweredErrors, uncheckedPromises, unseenFields } from './exceptions.ts';

const spec = await readSpec();
const checks = allChecks(spec);
const errorOf = new Map([...cases, ...constraintCases(spec)].map((row) => [titleOf(row), row.response.error]));
// A flow that ends well says nothing of one response alone, so it covers none.
const single = checks
  .filter(({ kind }) => kind !== 'flow')
  .map((check) => ({ ...check, error: errorOf.get(titleOf(check)) }));
const matrix = promiseMatrix(spec, single);

test('every promise has a check, or is a listed exception', async () => {
  const directory = join(import.meta.dirname, '../../coverage');
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'contract.md'), matrixMarkdown(matrix));
  await writeFile(join(directory, 'contract.json'), `${JSON.stringify(matrix, null, 2)}\n`);
  const unchecked = matrix.filter((promised) => promised.checks.length === 0);
  expect(unchecked.map(({ operation, what }) => `${operation} › ${what}`)).toEqual(Object.keys(uncheckedPromises));
});

test('every check looks at something that is promised', () => {
  const promised = new Set(matrix.flatMap((row) => row.checks));
  expect(single.map(titleOf).filter((title) => !promised.has(title))).toEqual([]);
  const documented = new Set(
    matrix.filter(({ kind }) => kind === 'error').map(({ operation, what }) => `${operation} ${what}`),
  );
  const undocumented = single.filter(
    ({ operation, status, error }) => error && !documented.has(`${operation} ${status} ${error}`),
  );
  expect(undocumented.map(titleOf)).toEqual([]);
});

test('every operation has a flow or is a probe, and every flow an operation', () => {
  const operations = specOperations(spec).map(({ operationId }) => operationId);
  const withFlow = new Set(checks.filter(({ kind }) => kind === 'flow').map(({ operation }) => operation));
  expect(operations.filter((operation) => !withFlow.has(operation))).toEqual([]);
  expect([...withFlow].filter((operation) => ![...operations, 'elsewhere'].includes(operation))).toEqual([]);
});

test('every error of the catalogue is answered by an operation, or is a listed exception', () => {
  const answered = new Set(matrix.filter(({ kind }) => kind === 'error').map(({ what }) => what.split(' ')[1]));
  const unanswered = specErrors(spec).filter(({ code }) => !answered.has(code));
  expect(unanswered.map(({ code }) => code).sort()).toEqual(Object.keys(unansweredErrors).sort());
});

test('the exceptions only become fewer', () => {
  const all = [uncheckedPromises, unseenFields, unansweredErrors].flatMap((list) => Object.entries(list));
  expect(all.length).toBeLessThanOrEqual(maxExceptions);
  expect(all.filter(([, reason]) => reason.length < 10)).toEqual([]);
});

test('two checks of one operation never carry the same name', () => {
  const titles = checks.map(titleOf);
  expect(titles.filter((title, i) => titles.indexOf(title) !== i)).toEqual([]);
});
