/** The errors of the validator as Problems. tests/validation compares the validation itself. */
import { expect, test } from '@jest/globals';
import { error } from 'express-openapi-validator';
import type { Problem } from '../../problem.ts';
import { toProblem } from './validate.ts';

test('every failure is listed, in a problem of the catalogue', async () => {
  const errors = ['a', 'b'].map((name) => ({ path: `/body/${name}`, message: 'm' }));
  const problem = await toProblem(
    new error.BadRequest({ path: '/', message: 'all', errors } as never),
    'portal.createSession',
  );
  expect(problem).toMatchObject({ status: 400, code: 'unkey/application/invalid_input' });
  expect((problem as Problem).failures).toHaveLength(2);
});

test('any other error stays as it is', async () => {
  const other = new Error('a fault of ours');
  expect(await toProblem(other, 'portal.createSession')).toBe(other);
});

test.each([
  [20, 20],
  [21, 20],
])('of %d failures, %d are listed', async (count, listed) => {
  const errors = Array.from({ length: count }, (_, i) => ({ path: `/body/${i}a`, message: 'm' }));
  const problem = await toProblem(new error.BadRequest({ path: '/', message: 'all', errors } as never), 'liveness');
  expect((problem as Problem).failures).toHaveLength(listed);
});
