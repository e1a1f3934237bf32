/** Tests the middleware in an Express app, with real keys of the real server. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import express from 'express';
import { type LocalRedis, startRedis } from '../../tests/support/redis.ts';
import { portico as commandLine, type LocalServer, startPatientServer } from '../../tests/support/server.ts';
import { type ExpressVerifyKeyOptions, verifyKey } from './src/express.ts';
import { Portico, type PorticoError } from './src/index.ts';
import { failure, startScriptedServer, success } from './testing.ts';

let redis: LocalRedis;
let server: LocalServer;
let backend: Portico;
let user: Portico;
let apiId: string;
const apps: Server[] = [];

beforeAll(async () => {
  redis = await startRedis();
  server = await startPatientServer({ PORT: '0', REDIS_URL: redis.url });
  const { rootKey } = await commandLine<{ rootKey: string }>(redis.url, 'workspace', 'create', '--name', 'Acme');
  backend = new Portico({ baseUrl: server.url, rootKey });
  ({ apiId } = await backend.apis.createApi({ name: 'Payments', prefix: 'pay' }));
  await backend.portal.createConfiguration({ slug: 'my-portal', apiIds: [apiId] });
  const permissions = ['create_key', 'read_key', 'update_key', 'delete_key'].map((action) => `api.*.${action}`);
  const { sessionId } = await backend.portal.createSession({ slug: 'my-portal', externalId: 'user_123', permissions });
  const { token } = await backend.portal.exchangeSession({ sessionId });
  user = new Portico({ baseUrl: server.url, sessionToken: token });
});
afterAll(async () => {
  for (const app of apps) app.close();
  await server?.stop();
  await redis?.stop();
});

/** Starts an app that returns the identity of the key and counts the requests that reach it. */
async function serve(portico: Portico, options: Partial<ExpressVerifyKeyOptions> = {}) {
  let served = 0;
  const app = express();
  app.get('/', verifyKey(portico, { apiId, ...options }), (req, res) => {
    served++;
    const { keyId, externalId, ratelimit } = req.portico ?? {};
    res.json({ keyId, externalId, ratelimit });
  });
  const listening = app.listen(0, '127.0.0.1');
  apps.push(listening);
  await once(listening, 'listening');
  const { port } = listening.address() as { port: number };
  const get = (headers: Record<string, string> = {}) => fetch(`http://127.0.0.1:${port}/`, { headers });
  return { get, withKey: (key: string) => get({ Authorization: `Bearer ${key}` }), served: () => served };
}

/** The contents of the response to a refused request. */
const refused = async (pending: Promise<Response>) => {
  const response = await pending;
  const { headers } = response;
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(headers.get('cache-control')).toBe('no-store');
  const { status, code } = (await response.json()) as { status: number; code: string };
  expect(status).toBe(response.status);
  return { status, code, challenge: headers.get('www-authenticate'), retryAfter: headers.get('retry-after') };
};
const nothingElse = { challenge: null, retryAfter: null };

describe('a valid key', () => {
  test('passes, and identifies the user', async () => {
    const { key, keyId } = await user.portal.createKey({ apiId });
    const { get, withKey } = await serve(backend);
    for (const response of [await withKey(key), await get({ authorization: `bearer  ${key} ` })]) {
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ keyId, externalId: 'user_123' });
    }
  });

  test('can be in another header', async () => {
    const { key } = await user.portal.createKey({ apiId });
    const { get, withKey } = await serve(backend, { header: 'X-API-Key' });
    expect((await get({ 'x-api-key': key })).status).toBe(200);
    expect((await withKey(key)).status).toBe(401);
  });

  test('that is then disabled or deleted: the next request is refused', async () => {
    const { key, keyId } = await user.portal.createKey({ apiId });
    const { withKey, served } = await serve(backend);
    expect((await withKey(key)).status).toBe(200);
    await user.portal.updateKey({ keyId, enabled: false });
    expect(await refused(withKey(key))).toEqual({ status: 403, code: 'DISABLED', ...nothingElse });
    await user.portal.updateKey({ keyId, enabled: true });
    expect((await withKey(key)).status).toBe(200);
    await user.portal.deleteKey({ keyId });
    expect(await refused(withKey(key))).toMatchObject({ status: 401, code: 'NOT_FOUND' });
    expect(served()).toBe(2);
  });
});

describe('a refused request', () => {
  test('missing, malformed, unknown, and of another API', async () => {
    const { get, withKey, served } = await serve(backend);
    for (const headers of [
      {},
      { Authorization: 'Basic abc' },
      { Authorization: 'Bearer ' },
      { Authorization: 'Bearer a b' },
    ])
      expect(await refused(get(headers as Record<string, string>))).toEqual({
        status: 401,
        code: 'MISSING',
        challenge: 'Bearer',
        retryAfter: null,
      });
    const elsewhere = await backend.apis.createApi({ name: 'Other', prefix: 'oth' });
    await backend.portal.createConfiguration({ slug: 'other', apiIds: [elsewhere.apiId] });
    const session = { slug: 'other', externalId: 'user_123', permissions: ['api.*.create_key'] };
    const { token } = await backend.portal.exchangeSession(
      await backend.portal.createSession(session).then(({ sessionId }) => ({ sessionId })),
    );
    const { key } = await backend.portal.createKey({ apiId: elsewhere.apiId }, { sessionToken: token });
    for (const other of ['pay_unknown', 'x'.repeat(513), key])
      expect(await refused(withKey(other))).toMatchObject({ status: 401, code: 'NOT_FOUND', challenge: 'Bearer' });
    expect(served()).toBe(0);
  });

  test('a rate limited key: 429 with Retry-After', async () => {
    const { key } = await user.portal.createKey({ apiId, ratelimit: { limit: 2, duration: 60_000 } });
    const { withKey, served } = await serve(backend);
    expect(await (await withKey(key)).json()).toMatchObject({ ratelimit: { limit: 2, remaining: 1 } });
    expect((await withKey(key)).status).toBe(200);
    const { retryAfter, ...rest } = await refused(withKey(key));
    expect(rest).toEqual({ status: 429, code: 'RATE_LIMITED', challenge: null });
    expect(Number(retryAfter)).toBeGreaterThan(0);
    expect(Number(retryAfter)).toBeLessThanOrEqual(60);
    expect(served()).toBe(2);
  });

  test('an expired key, and a code that this version does not know', async () => {
    await using newer = await startScriptedServer(
      success({ valid: false, code: 'EXPIRED' }),
      success({ valid: false, code: 'NEW' }),
    );
    const { withKey, served } = await serve(new Portico({ baseUrl: newer.baseUrl, rootKey: 'rk_x' }));
    expect(await refused(withKey('pay_x'))).toMatchObject({ status: 401, code: 'EXPIRED' });
    expect(await refused(withKey('pay_x'))).toMatchObject({ status: 403, code: 'NEW' });
    expect(served()).toBe(0);
  });

  test('gets the response of the app if it sets one', async () => {
    const { get } = await serve(backend, {
      respond: ({ code, status }, _req, res) => void res.status(status).send(`no: ${code}`),
    });
    const response = await get();
    expect([response.status, await response.text(), response.headers.get('www-authenticate')]).toEqual([
      401,
      'no: MISSING',
      'Bearer',
    ]);
  });
});

describe('no request passes if Portico does not verify the key', () => {
  const closed = { status: 503, code: 'UNAVAILABLE', challenge: null, retryAfter: '1' };

  test.each([
    ['503', failure(503, 'unkey/application/service_unavailable', { 'Retry-After': '7' }), '7'],
    ['429', failure(429, 'user/too_many_requests/rate_limited', { 'Retry-After': '3' }), '3'],
    ['429 without a wait', failure(429, 'user/too_many_requests/rate_limited', { 'Retry-After': '0' }), '1'],
    ['500', failure(500, 'unkey/application/unexpected_error'), '1'],
    ['an unknown root key', failure(401, 'unkey/authentication/key_not_found'), '1'],
    ['a page from a proxy', { status: 200, body: '<h1>Welcome</h1>' }, '1'],
    ['a response that does not identify the key', success({ valid: true, code: 'VALID' }), '1'],
    [
      'a response about another API',
      success({ valid: true, code: 'VALID', keyId: 'k', apiId: 'other', externalId: 'u' }),
      '1',
    ],
    ['no response in time', { status: 200, hang: true }, '1'],
  ])('%s', async (_, response, retryAfter) => {
    await using away = await startScriptedServer(response);
    const reasons: unknown[] = [];
    const portico = new Portico({ baseUrl: away.baseUrl, rootKey: 'rk_x' });
    // Only the server that does not respond may take too long, also on a busy machine.
    const timeoutMs = 'hang' in response ? 1000 : 60_000;
    const { withKey, served } = await serve(portico, { timeoutMs, onUnavailable: (error) => reasons.push(error) });
    expect(await refused(withKey('pay_x'))).toEqual({ ...closed, retryAfter });
    expect([served(), away.received.length, reasons.length]).toEqual([0, 1, 1]);
  });

  test('a stopped server; requests pass again when it is back', async () => {
    const { key } = await user.portal.createKey({ apiId });
    const reasons: PorticoError[] = [];
    const { withKey, served } = await serve(backend, { onUnavailable: (error) => reasons.push(error as PorticoError) });
    await server.stop();
    expect(await refused(withKey(key))).toEqual(closed);
    expect(served()).toBe(0);
    expect(reasons.map(({ name }) => name)).toEqual(['PorticoUnreachable']);
    server = await startPatientServer({ PORT: String(server.port), REDIS_URL: redis.url });
    expect((await withKey(key)).status).toBe(200);
  });
});
