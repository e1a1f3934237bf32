/** The errors of the validator as Problems. tests/validation compares the validation itself. */
import { describe, expect, test } from '@jest/globals';
import express, { type Response } from 'express';
import { error } from 'express-openapi-validator';
import { pino } from 'pino';
import request from 'supertest';
import { Problem } from '../../problem.ts';
import { problemResponse } from '../problem-response.ts';
import { assignRequestId } from '../request.ts';
import { contractValidator, toProblem } from './validate.ts';

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

describe('a response that is validated', () => {
  const validator = contractValidator({ validateResponses: true });
  const log = pino({ level: 'silent' });

  /** The status and the code of the response to a request, after which the operation does this. */
  async function respond(operation: (res: Response) => void) {
    const app = express();
    app.use(assignRequestId);
    app.get('/v2/liveness', async (req, res) => {
      await validator.check('liveness', req, res);
      operation(res);
    });
    app.use(problemResponse({ docsBaseUrl: 'https://docs.example', showProblem: async () => false, log }));
    const { status, body } = await request(app).get('/v2/liveness');
    return { status, code: body.error?.type.split('/errors/')[1] };
  }
  const unexpected = { status: 500, code: 'unkey/application/unexpected_error' };
  const meta = { requestId: 'req_2c9a0jf23l4k567mnopq' };

  test('is sent if the contract allows it', async () => {
    expect(await respond((res) => res.json({ meta, data: { status: 'alive' } }))).toEqual({ status: 200 });
  });

  test.each<[string, (res: Response) => void]>([
    ['a body without a required field', (res) => res.json({ meta })],
    ['a field of another type', (res) => res.json({ meta, data: { status: 1 } })],
    ['no object', (res) => res.json('OK')],
    [
      'a status that the operation does not document',
      (res) => res.status(202).json({ meta, data: { status: 'alive' } }),
    ],
    [
      'an error that the operation does not document',
      () => {
        throw new Problem('unkey/data/key_not_found');
      },
    ],
  ])('is a 500 with %s', async (_, operation) => {
    expect(await respond(operation)).toEqual(unexpected);
  });
});
