/** Every promise of the contract has a check, and every check tests a promise. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { allChecks } from '../../contract-tests/checks.ts';
import { titleOf } from '../../contract-tests/engine/check.ts';
import { matrixMarkdown, promiseMatrix } from '../../contract-tests/engine/matrix.ts';
import { readSpec, specErrors, specOperations } from '../../contract-tests/engine/spec.ts';
import { contractChecks } from '../../contract-tests/matrix.ts';
import { maxExceptions, unansweredErrors, uncheckedPromises, unseenFields } from './exceptions.ts';

const spec = await readSpec();
const checks = allChecks(spec);
const single = contractChecks(spec);
const matrix = promiseMatrix(spec, single, checks);

test('every promise has a check, or is a listed exception', async () => {
  const directory = join(import.meta.dirname, '../../coverage');
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, 'contract.md'), matrixMarkdown(matrix));
  await writeFile(join(directory, 'contract.json'), `${JSON.stringify(matrix, null, 2)}\n`);
  const unchecked = matrix.filter((promised) => promised.checks.length === 0);
  expect(unchecked.map(({ operation, what }) => `${operation} › ${what}`)).toEqual(Object.keys(uncheckedPromises));
});

test('every check tests a promise of the contract', () => {
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

test('every operation has a flow, and every flow belongs to an operation', () => {
  const operations = specOperations(spec).map(({ operationId }) => operationId);
  const withFlow = new Set(checks.filter(({ kind }) => kind === 'flow').map(({ operation }) => operation));
  expect(operations.filter((operation) => !withFlow.has(operation))).toEqual([]);
  expect([...withFlow].filter((operation) => ![...operations, 'elsewhere'].includes(operation))).toEqual([]);
});

test('an operation returns each error of the catalogue, or the error is a listed exception', () => {
  const answered = new Set(matrix.filter(({ kind }) => kind === 'error').map(({ what }) => what.split(' ')[1]));
  const unanswered = specErrors(spec).filter(({ code }) => !answered.has(code));
  expect(unanswered.map(({ code }) => code).sort()).toEqual(Object.keys(unansweredErrors).sort());
});

test('the number of exceptions does not grow', () => {
  const all = [uncheckedPromises, unseenFields, unansweredErrors].flatMap((list) => Object.entries(list));
  expect(all.length).toBeLessThanOrEqual(maxExceptions);
  expect(all.filter(([, reason]) => reason.length < 10)).toEqual([]);
});

test('the checks of an operation have different names', () => {
  const titles = checks.map(titleOf);
  expect(titles.filter((title, i) => titles.indexOf(title) !== i)).toEqual([]);
});
