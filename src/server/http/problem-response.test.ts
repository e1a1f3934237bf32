import { expect, test } from '@jest/globals';
import express, { type Express } from 'express';
import { pino } from 'pino';
import request from 'supertest';
import { invalidInput, Problem } from '../problem.ts';
import { MethodNotAllowed, problemResponse, type ShowProblem } from './problem-response.ts';
import { assignRequestId } from './request.ts';

type Entry = Record<string, unknown> & { err?: { message: string } };

/** An app whose every request throws. `showProblem` shows a page for nothing unless it is given. */
function throwing(error: unknown, showProblem: ShowProblem = async () => false): { app: Express; log: Entry[] } {
  const log: Entry[] = [];
  const logger = pino({}, { write: (line) => void log.push(JSON.parse(line)) });
  const app = express();
  app.use(assignRequestId);
  app.use(() => {
    throw error;
  });
  app.use(problemResponse({ docsBaseUrl: 'https://docs.example', showProblem, log: logger }));
  return { app, log };
}

const send = (error: unknown, showProblem?: ShowProblem) => request(throwing(error, showProblem).app).get('/');
const unavailable = (retryAfterMs: number, rateLimit?: number) =>
  new Problem('unkey/application/service_unavailable', {
    retryAfterMs,
    ...(rateLimit !== undefined && { rateLimit }),
  });

test.each([
  [0, '1'],
  [1, '1'],
  [1000, '1'],
  [1001, '2'],
  [1500, '2'],
  [2000, '2'],
  [60_000, '60'],
])('a wait of %i ms is Retry-After: %s', async (ms, seconds) => {
  const { headers } = await send(unavailable(ms));
  expect(headers['retry-after']).toBe(seconds);
  expect(Object.keys(headers).filter((name) => name.startsWith('ratelimit'))).toEqual([]);
});

test('a rate limit is in the headers, with the time until it allows the next call', async () => {
  const { headers } = await send(unavailable(1500, 60));
  expect(headers).toMatchObject({
    'retry-after': '2',
    'ratelimit-limit': '60',
    'ratelimit-remaining': '0',
    'ratelimit-reset': '2',
  });
});

test('a problem without a wait has no Retry-After', async () => {
  expect((await send(new Problem('unkey/data/key_not_found'))).headers).not.toHaveProperty('retry-after');
});

test('a problem is the error of the catalogue, and is not cached', async () => {
  const failures = [{ location: 'body.slug', message: 'is not valid', fix: 'Use another.' }];
  const { status, body, headers } = await send(invalidInput(...failures));
  expect(status).toBe(400);
  expect(body).toEqual({
    meta: { requestId: expect.stringMatching(/^req_/) },
    error: {
      title: 'Bad Request',
      detail: expect.any(String),
      status: 400,
      type: 'https://docs.example/errors/unkey/application/invalid_input',
      errors: failures,
    },
  });
  expect(headers['cache-control']).toBe('no-store');
  expect(headers).not.toHaveProperty('www-authenticate');
  expect((await send(new Problem('unkey/data/key_not_found'))).body.error).not.toHaveProperty('errors');
});

test('only a 401 has WWW-Authenticate, and only a 405 has Allow', async () => {
  const unauthorized = await send(new Problem('unkey/authentication/missing'));
  expect(unauthorized.headers['www-authenticate']).toBe('Bearer realm="portico"');
  expect(unauthorized.headers).not.toHaveProperty('allow');
  const wrongMethod = await send(new MethodNotAllowed('POST'));
  expect([wrongMethod.status, wrongMethod.headers['allow']]).toEqual([405, 'POST']);
});

test('what is no problem is an unexpected error, whose cause is only in the log', async () => {
  const { app, log } = throwing(new Error('the secret cause'));
  const { status, text, body } = await request(app).get('/');
  expect(status).toBe(500);
  expect(text).not.toContain('secret');
  expect(log).toMatchObject([
    {
      level: 50,
      msg: 'unkey/application/unexpected_error',
      err: { message: 'the secret cause' },
      requestId: body.meta.requestId,
    },
  ]);
});

test('broken percent-encoding is an unknown route', async () => {
  const { app, log } = throwing(new URIError('malformed'));
  expect((await request(app).get('/')).status).toBe(404);
  expect(log).toEqual([]);
});

test('a state of the process is logged as information, a failure as an error, and a refusal not at all', async () => {
  const starting = throwing(new Problem('unkey/application/service_unavailable', { cause: 'it starts' }));
  await request(starting.app).get('/');
  expect(starting.log).toMatchObject([{ level: 30, reason: 'it starts', requestId: expect.stringMatching(/^req_/) }]);
  const failed = throwing(new Problem('unkey/application/service_unavailable', { cause: new Error('no Redis') }));
  await request(failed.app).get('/');
  expect(failed.log).toMatchObject([{ level: 50, err: { message: 'no Redis' } }]);
  const refused = throwing(new Problem('unkey/data/key_not_found', { cause: new Error('none') }));
  await request(refused.app).get('/');
  expect(refused.log).toEqual([]);
});

test('after the headers, the connection is cut: the client must not take a part for the whole', async () => {
  const app = express();
  app.use(assignRequestId);
  app.use((_req, res) => {
    res.set('Content-Length', '100').write('half');
    throw new Problem('unkey/data/key_not_found');
  });
  const lines: string[] = [];
  const log = pino({}, { write: (line) => void lines.push(line) });
  app.use(problemResponse({ docsBaseUrl: '', showProblem: async () => true, log }));
  await expect(request(app).get('/')).rejects.toThrow('aborted');
  expect(lines).toEqual([]);
});

const page: ShowProblem = async (_problem, _req, res) => {
  res.send('a page');
  return true;
};

test.each<[isPage: boolean, method: 'get' | 'head' | 'post', path: string, accept: string]>([
  [true, 'get', '/', 'text/html'],
  [true, 'get', '/keys', 'text/html,application/xhtml+xml'],
  [true, 'get', '/v2x', 'text/html'],
  [true, 'get', '/docs/v2/', 'text/html'],
  [false, 'get', '/v2', 'text/html'],
  [false, 'get', '/v2/nowhere', 'text/html'],
  [false, 'get', '/assets', 'text/html'],
  [false, 'get', '/assets/a.js', 'text/html'],
  [false, 'get', '/', '*/*'],
  [false, 'post', '/', 'text/html'],
])('a page is %s: %s %s %s', async (isPage, method, path, accept) => {
  const { app } = throwing(new Problem('unkey/data/key_not_found'), page);
  const { text, headers } = await request(app)[method](path).set('Accept', accept);
  expect(text === 'a page').toBe(isPage);
  expect(headers['cache-control']).toBe('no-store');
});

test('a HEAD of a page gets the headers of the page', async () => {
  const { app } = throwing(new Problem('unkey/data/key_not_found'), page);
  const { status, headers } = await request(app).head('/').set('Accept', 'text/html');
  expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
});

test('a problem without a page is JSON, for a browser too', async () => {
  const { app } = throwing(new Problem('unkey/data/key_not_found'));
  expect((await request(app).get('/').set('Accept', 'text/html')).body.error.status).toBe(404);
});

test('a page that fails shows its own failure', async () => {
  let calls = 0;
  const { app } = throwing(new Problem('unkey/data/key_not_found'), async () => {
    if (calls++ === 0) throw unavailable(1000);
    return false;
  });
  const { status, headers } = await request(app).get('/').set('Accept', 'text/html');
  expect([status, headers['retry-after'], calls]).toEqual([503, '1', 2]);
});
