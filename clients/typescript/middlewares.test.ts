/** What the middlewares of every framework do the same: Express, Fastify, and a web `Request` as Hono and Workers have it. */
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import express from 'express';
import fastify from 'fastify';
import { type ExpressVerifyKeyOptions, verifyKey as expressVerifyKey } from './src/express.ts';
import { type FastifyVerifyKeyOptions, verifyKey as fastifyVerifyKey } from './src/fastify.ts';
import { Portico, type VerificationCache } from './src/index.ts';
import { type WebVerifyKeyOptions, verifyKey as webVerifyKey } from './src/web.ts';
import { failure, type Scripted, startScriptedServer, success } from './testing.ts';

const valid = { valid: true, code: 'VALID', keyId: 'key_1', apiId: 'api_1', externalId: 'user_123' };
const logged = jest.spyOn(console, 'error');
beforeEach(() => {
  logged.mockReset().mockImplementation(() => {});
});
afterEach(() => {
  expect(JSON.stringify(logged.mock.calls.map((call) => call.map(String)))).not.toContain('pay_secret');
});

interface Options {
  apiId: string;
  header?: string;
  operationId?: () => string | undefined;
  onUnavailable?: (error: unknown) => void;
  cache?: Pick<VerificationCache, 'verifyKey'>;
}

/** Sends one request through the middleware of a framework; the app responds with the `externalId`. */
type Send = (portico: Portico, options: Options & { respond?: boolean }, headers: HeadersInit) => Promise<Response>;

const own = (code: string) => `own ${code}`;

const viaExpress: Send = async (portico, { respond, ...options }, headers) => {
  const app = express();
  const more = respond && {
    respond: (({ code }, _, res) => void res.status(418).send(own(code))) satisfies ExpressVerifyKeyOptions['respond'],
  };
  app.get(
    '/',
    expressVerifyKey(portico, { ...options, ...more }),
    (req, res) => void res.send(req.portico?.externalId),
  );
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as { port: number };
    const response = await fetch(`http://127.0.0.1:${port}/`, { headers });
    return new Response(await response.text(), response);
  } finally {
    server.closeAllConnections();
    server.close();
  }
};

const viaFastify: Send = async (portico, { respond, ...options }, headers) => {
  const app = fastify();
  const more = respond && {
    respond: (({ code }, _, reply) => reply.code(418).send(own(code))) satisfies FastifyVerifyKeyOptions['respond'],
  };
  app.addHook('onRequest', fastifyVerifyKey(portico, { ...options, ...more }));
  app.get('/', async (request) => request.portico?.externalId);
  const injected = await app.inject({ url: '/', headers: Object.fromEntries(new Headers(headers)) });
  await app.close();
  return new Response(injected.body, {
    status: injected.statusCode,
    headers: injected.headers as Record<string, string>,
  });
};

const viaWeb: Send = async (portico, { respond, ...options }, headers) => {
  const more = respond && {
    respond: (({ code }) => new Response(own(code), { status: 418 })) satisfies WebVerifyKeyOptions['respond'],
  };
  const verify = webVerifyKey(portico, { ...options, ...more });
  const { key, response } = await verify(new Request('https://api.acme.example/', { headers }));
  return response ?? new Response(key.externalId);
};

const frameworks: [string, Send][] = [
  ['Express', viaExpress],
  ['Fastify', viaFastify],
  ['a web Request', viaWeb],
];

/** Sends a request with a key through the framework, to a server that returns this. */
async function sendTo(
  scripted: Scripted,
  send: Send,
  over: Partial<Options> & { respond?: boolean } = {},
  headers?: HeadersInit,
) {
  await using server = await startScriptedServer(scripted);
  const portico = new Portico({ baseUrl: server.baseUrl, rootKey: 'rk_x' });
  const response = await send(portico, { apiId: 'api_1', ...over }, headers ?? { Authorization: 'Bearer pay_secret' });
  return { response, received: server.received };
}

const refused = async ({ response }: { response: Response }) => {
  const { headers, status } = response;
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(headers.get('cache-control')).toBe('no-store');
  const { code } = (await response.json()) as { code: string };
  return [status, code, headers.get('www-authenticate'), headers.get('retry-after')];
};

describe.each(frameworks)('%s', (_, send) => {
  test('lets a valid key through, and identifies the user', async () => {
    const { response, received } = await sendTo(success(valid), send);
    expect([response.status, await response.text()]).toEqual([200, 'user_123']);
    expect(JSON.parse(received[0]?.body ?? '')).toEqual({ key: 'pay_secret', apiId: 'api_1' });
  });

  test('asks a cache, if it has one, with the same limits', async () => {
    const asked: unknown[] = [];
    const verifyKey = async (...question: unknown[]) => {
      asked.push(question);
      return valid;
    };
    const { response, received } = await sendTo(success({}), send, { cache: { verifyKey } });
    expect([response.status, received]).toEqual([200, []]);
    expect(asked).toEqual([
      [
        { key: 'pay_secret', apiId: 'api_1' },
        { maxAttempts: 1, timeoutMs: 5000 },
      ],
    ]);
  });

  test('sends the operation of the request', async () => {
    const operation = async (operationId: () => string | undefined) => {
      const { received } = await sendTo(success(valid), send, { operationId });
      return JSON.parse(received[0]?.body ?? '');
    };
    expect(await operation(() => 'listInvoices')).toEqual({
      ...{ key: 'pay_secret', apiId: 'api_1' },
      operationId: 'listInvoices',
    });
    expect(await operation(() => undefined)).toEqual({ key: 'pay_secret', apiId: 'api_1' });
  });

  test('reads the key from another header', async () => {
    const header = { header: 'X-API-Key' };
    const { response } = await sendTo(success(valid), send, header, { 'x-api-key': 'pay_secret' });
    expect(response.status).toBe(200);
    const { received, ...missing } = await sendTo(success(valid), send, header);
    expect([await refused(missing), received]).toEqual([[401, 'MISSING', 'Bearer', null], []]);
  });

  test('refuses a missing key without a call, and other keys with the reason', async () => {
    const { received, ...missing } = await sendTo(success(valid), send, {}, {});
    expect([await refused(missing), received]).toEqual([[401, 'MISSING', 'Bearer', null], []]);
    expect(await refused(await sendTo(success({ valid: false, code: 'NOT_FOUND' }), send))).toEqual([
      ...[401, 'NOT_FOUND', 'Bearer', null],
    ]);
    expect(await refused(await sendTo(success({ valid: false, code: 'DISABLED' }), send))).toEqual([
      ...[403, 'DISABLED', null, null],
    ]);
    const reset = Date.now() + 600_000;
    const limited = success({ valid: false, code: 'RATE_LIMITED', ratelimit: { limit: 1, remaining: 0, reset } });
    expect(await refused(await sendTo(limited, send))).toEqual([
      ...[429, 'RATE_LIMITED', null, expect.stringMatching(/^(600|59\d)$/)],
    ]);
    expect(logged).not.toHaveBeenCalled();
  });

  test('responds 503 and logs the reason if Portico does not verify the key', async () => {
    const down = failure(503, 'unkey/application/service_unavailable', { 'Retry-After': '7' });
    expect(await refused(await sendTo(down, send))).toEqual([503, 'UNAVAILABLE', null, '7']);
    expect(logged.mock.calls).toEqual([[expect.any(String), expect.objectContaining({ status: 503 })]]);
    const reasons: unknown[] = [];
    await sendTo(down, send, { onUnavailable: (error) => reasons.push(error) });
    expect(reasons).toEqual([expect.objectContaining({ status: 503 })]);
    expect(logged).toHaveBeenCalledTimes(1);
  });

  test('sends the response of the app, with the headers of the refusal', async () => {
    const { response } = await sendTo(success(valid), send, { respond: true }, {});
    expect([response.status, await response.text(), response.headers.get('www-authenticate')]).toEqual([
      ...[418, 'own MISSING', 'Bearer'],
    ]);
  });
});

describe('a mistake in the options throws when the program starts', () => {
  const verifiers = { expressVerifyKey, fastifyVerifyKey, webVerifyKey };
  const portico = new Portico({ baseUrl: 'http://localhost:1', rootKey: 'rk_x' });

  test.each(Object.entries(verifiers))('%s', (_, verifyKey) => {
    for (const apiId of ['', ' ', undefined])
      expect(() => verifyKey(portico, { apiId: apiId as string })).toThrow(/^verifyKey needs the apiId/);
    for (const header of ['', 'X API Key', 'X-Key:'])
      expect(() => verifyKey(portico, { apiId: 'api_1', header })).toThrow(/^verifyKey: header must be/);
    expect(() => verifyKey(new Portico({ baseUrl: 'http://localhost:1' }), { apiId: 'api_1' })).toThrow(/rootKey/);
    expect(verifyKey(portico, { apiId: 'api_1', header: 'x-api-key' })).toBeInstanceOf(Function);
  });
});
