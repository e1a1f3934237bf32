import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, jest, test } from '@jest/globals';
import { type Admission, admissionOf } from './admission.ts';

const log = { warn: jest.fn() };
const of = (limit: number) =>
  admissionOf(limit, { docsBaseUrl: 'https://docs.example', headers: ['X-Frame-Options', 'DENY'], log: log as never });
const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** The response to a request to a server behind this admission; the server itself responds with 204. */
async function ask(admission: Admission, path: string): Promise<{ status: number; headers: object; body: string }> {
  const server = createServer(admission.around((_req, res) => void res.writeHead(204).end()));
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const sent = send({ port, host: '127.0.0.1', path, method: 'POST', agent: false }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    sent.on('error', reject).end('{}');
  });
}

test('a request beyond the limit is refused in the envelope, with Retry-After, and none before', async () => {
  const admission = of(2);
  admission.begin();
  expect((await ask(admission, '/v2/keys.verifyKey')).status).toBe(204);
  admission.begin();
  const { status, headers, body } = await ask(admission, '/v2/keys.verifyKey');
  expect(status).toBe(503);
  expect(headers).toMatchObject({
    ...{ 'retry-after': '1', 'cache-control': 'no-store', 'x-frame-options': 'DENY' },
    ...{ 'content-type': 'application/json; charset=utf-8', 'content-length': String(Buffer.byteLength(body)) },
  });
  expect(JSON.parse(body)).toEqual({
    meta: { requestId: expect.stringMatching(/^req_\w+$/) },
    error: {
      ...{ title: 'Service Unavailable', status: 503, detail: expect.any(String) },
      type: 'https://docs.example/errors/unkey/application/service_unavailable',
    },
  });
  admission.end();
  expect((await ask(admission, '/v2/keys.verifyKey')).status).toBe(204);
});

test.each(['/v2/liveness', '/v2/readiness?x', '/keys', '/assets/a.js'])('%s is never refused', async (path) => {
  const admission = of(1);
  admission.begin();
  expect((await ask(admission, path)).status).toBe(204);
});

test('a request whose body comes when the process is full is refused as well', () => {
  const admission = of(1);
  admission.begin();
  expect(() => admission.begin()).toThrow(expect.objectContaining({ status: 503, retryAfterMs: 1000 }));
  admission.end();
  expect(() => admission.begin()).not.toThrow();
});

test('0 refuses nothing', async () => {
  const admission = of(0);
  for (let i = 0; i < 1000; i++) admission.begin();
  expect((await ask(admission, '/v2/keys.verifyKey')).status).toBe(204);
});

test('the log counts the refusals of a second in one line', () => {
  jest.useFakeTimers();
  log.warn.mockClear();
  const admission = of(1);
  admission.begin();
  for (let i = 0; i < 3; i++) expect(() => admission.begin()).toThrow();
  jest.advanceTimersByTime(1000);
  expect(log.warn.mock.calls).toEqual([[{ refused: 3 }, expect.stringContaining('were refused')]]);
  jest.useRealTimers();
});
