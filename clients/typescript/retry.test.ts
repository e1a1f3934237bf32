/** Tests which requests the client retries, and when, against a scripted server. */
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { operations } from '../../generated/operations.ts';
import { type CallOptions, Portico, type PorticoError, type PorticoUnreachable } from './src/index.ts';
import { pauseBefore, readRetryAfter } from './src/retry.ts';
import { failure, type Scripted, startScriptedServer, success } from './testing.ts';

const rateLimited = 'user/too_many_requests/rate_limited';
const unavailable = 'unkey/application/service_unavailable';
const session = { slug: 'my-portal', externalId: 'user_123', permissions: ['api.*.read_key'] };
const created = { sessionId: 'pst_x', url: 'https://portal.acme.example/?session=pst_x', expiresAt: 1 };

const connect = (
  baseUrl: string,
  options: { maxAttempts?: number; timeoutMs?: number; attemptTimeoutMs?: number } = {},
) => new Portico({ baseUrl, rootKey: 'rk_root', sessionToken: 'ps_token', ...options });

/** Every operation as a call with an empty body: the scripted server does not validate it. */
function everyOperation(portico: Portico): Record<string, (options?: CallOptions) => Promise<unknown>> {
  const names = Object.keys(operations) as (keyof typeof operations)[];
  return Object.fromEntries(
    names.map((id) => {
      const [noun, verb] = id.includes('.') ? id.split('.') : ['', id];
      const methods = (noun === '' ? portico : portico[noun as 'portal']) as unknown as Record<string, unknown>;
      const method = methods[verb ?? ''] as (...args: unknown[]) => Promise<unknown>;
      return [id, (options) => (operations[id].body === 'none' ? method(options) : method({}, options))];
    }),
  );
}

/** Operations that the client never repeats after a 503 or a lost response. */
const never = [
  'portal.endSession',
  'portal.updateConfiguration',
  'portal.deleteConfiguration',
  'apis.deleteApi',
  'portal.deleteKey',
  'keys.verifyKey',
  'keys.verifyKeys',
  'keys.deleteKey',
  'identities.deleteIdentity',
];
const repeatable = Object.keys(operations).filter((id) => !never.includes(id));

describe('how long to wait', () => {
  test('Retry-After in seconds, as a date, and invalid', () => {
    const now = Date.parse('Tue, 24 Nov 2026 12:00:00 GMT');
    expect(readRetryAfter('7', now)).toBe(7);
    expect(readRetryAfter('Tue, 24 Nov 2026 12:00:30 GMT', now)).toBe(30);
    expect(readRetryAfter('Tue, 24 Nov 2026 11:00:00 GMT', now)).toBe(0);
    expect(readRetryAfter('soon', now)).toBeUndefined();
    expect(readRetryAfter(null, now)).toBeUndefined();
  });

  test('Retry-After, plus a random part of a delay that doubles', () => {
    expect([1, 2, 3].map((attempt) => pauseBefore(attempt, undefined, 1))).toEqual([200, 400, 800]);
    expect(pauseBefore(3, undefined, 0)).toBe(0);
    expect(pauseBefore(3, undefined, 0.5)).toBe(400);
    expect(pauseBefore(30, undefined, 1)).toBe(10_000);
    expect(pauseBefore(1, 2, 0)).toBe(2000);
    expect(pauseBefore(1, 2, 1)).toBe(2200);
  });
});

describe('which requests are retried', () => {
  test.each(Object.keys(operations))('after a 429, every operation: %s', async (id) => {
    await using server = await startScriptedServer(failure(429, rateLimited), success({}));
    await everyOperation(connect(server.baseUrl))[id]?.();
    expect(server.received).toHaveLength(2);
  });

  test.each(repeatable)('after a 503, a repeatable operation or one with an Idempotency-Key: %s', async (id) => {
    await using server = await startScriptedServer(failure(503, unavailable), success({}));
    await everyOperation(connect(server.baseUrl))[id]?.();
    expect(server.received).toHaveLength(2);
  });

  test.each(never)('after a 503, not %s', async (id) => {
    await using server = await startScriptedServer(failure(503, unavailable), success({}));
    await expect(everyOperation(connect(server.baseUrl))[id]?.()).rejects.toMatchObject({ code: unavailable });
    expect(server.received).toHaveLength(1);
  });

  test.each([
    [400, 'unkey/application/invalid_input'],
    [401, 'unkey/authentication/key_not_found'],
    [403, 'unkey/authorization/forbidden'],
    [404, 'unkey/data/api_not_found'],
    [409, 'unkey/data/limit_exceeded'],
    [413, 'user/bad_request/request_body_too_large'],
    [500, 'unkey/application/unexpected_error'],
    [502, 'unkey/data/openapi_document_unavailable'],
    [504, 'of/a/proxy'],
  ])('none after a %i', async (status, code) => {
    await using server = await startScriptedServer(failure(status, code, { 'Retry-After': '0' }), success(created));
    await expect(connect(server.baseUrl).portal.createSession(session)).rejects.toMatchObject({ status });
    await expect(connect(server.baseUrl).portal.getSession()).resolves.toBeDefined();
    expect(server.received).toHaveLength(2);
  });

  test('while an earlier attempt is in progress, after a second, with the same Idempotency-Key', async () => {
    const inProgress = failure(409, 'user/idempotency/request_in_progress');
    await using server = await startScriptedServer(inProgress, success(created));
    await connect(server.baseUrl).portal.createSession(session);
    const [first, second] = server.received;
    expect(second?.headers['idempotency-key']).toBe(first?.headers['idempotency-key']);
    // A timer can end a moment early by this clock.
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(950);
    expect(server.received).toHaveLength(2);
  });

  test('an operation without an Idempotency-Key is not repeated for another one in progress', async () => {
    await using server = await startScriptedServer(failure(409, 'user/idempotency/request_in_progress'), success({}));
    await expect(connect(server.baseUrl).keys.deleteKey({ keyId: 'key_1' })).rejects.toMatchObject({ status: 409 });
    expect(server.received).toHaveLength(1);
  });

  const gateway = { headers: { 'Content-Type': 'text/html' }, body: '<h1>The server did not respond</h1>' };
  const losses: [string, Scripted][] = [
    ['a connection that is cut', { status: 200, cut: 'before' }],
    ['a response that is cut', { ...success({}), cut: 'middle' }],
    ['the 502 of a gateway', { status: 502, ...gateway }],
    ['the 504 of a gateway', { status: 504, ...gateway }],
  ];

  test.each(losses)('after %s, a repeatable operation or one with an Idempotency-Key', async (_, loss) => {
    await using server = await startScriptedServer(...repeatable.flatMap(() => [loss, success({})]));
    const calls = everyOperation(connect(server.baseUrl));
    for (const id of repeatable) await calls[id]?.();
    expect(server.received.map(({ path }) => path)).toEqual(repeatable.flatMap((id) => [`/v2/${id}`, `/v2/${id}`]));
  });

  test.each(losses)('after %s, no other', async (_, loss) => {
    await using server = await startScriptedServer(loss);
    const calls = everyOperation(connect(server.baseUrl));
    for (const id of never) await expect(calls[id]?.()).rejects.toMatchObject({ operation: id });
    expect(server.received).toHaveLength(never.length);
  });

  test('after an attempt that takes too long', async () => {
    await using server = await startScriptedServer({ status: 200, hang: true }, success({}));
    const portico = connect(server.baseUrl, { timeoutMs: 60_000, attemptTimeoutMs: 200 });
    expect(await portico.portal.getSession()).toEqual({});
    expect(server.received).toHaveLength(2);
  });

  test('none if the time of the call is over', async () => {
    await using server = await startScriptedServer({ status: 200, hang: true });
    const call = connect(server.baseUrl, { timeoutMs: 100 }).keys.verifyKey({ key: 'k' });
    const error = { name: 'PorticoUnreachable', timedOut: true, operation: 'keys.verifyKey' };
    await expect(call).rejects.toMatchObject(error);
    // On a busy machine the time can end before the server reads the request.
    expect(server.received.length).toBeLessThanOrEqual(1);
  });

  test('a server that is gone: the error has the cause', async () => {
    const server = await startScriptedServer();
    const { baseUrl } = server;
    await server[Symbol.asyncDispose]();
    const gone: PorticoUnreachable = await connect(baseUrl)
      .portal.getSession()
      .then(String, (error) => error);
    expect(gone).toMatchObject({ name: 'PorticoUnreachable', timedOut: false });
    expect(gone.cause).toMatchObject({ name: 'TypeError', message: 'fetch failed' });
  });
});

describe('the Idempotency-Key on an error', () => {
  test('repeats the call, also after all attempts are lost', async () => {
    await using server = await startScriptedServer(
      { status: 200, cut: 'before' },
      failure(500, 'unkey/application/unexpected_error'),
      success({ keyId: 'key_1', key: 'pay_1' }),
    );
    const portico = connect(server.baseUrl, { maxAttempts: 1 });
    const body = { apiId: 'api_1' };
    const lost: PorticoUnreachable = await portico.portal.createKey(body).then(String, (error) => error);
    expect(lost.idempotencyKey).toMatch(/^[0-9a-f]{32}$/);
    const options = { idempotencyKey: lost.idempotencyKey };
    const failed: PorticoError = await portico.portal.createKey(body, options).then(String, (error) => error);
    expect([failed.status, failed.idempotencyKey]).toEqual([500, lost.idempotencyKey]);
    expect(await portico.portal.createKey(body, options)).toEqual({ keyId: 'key_1', key: 'pay_1' });
    const keys = server.received.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toEqual([lost.idempotencyKey, lost.idempotencyKey, lost.idempotencyKey]);
  });

  test('is in no log of the error, and undefined if the operation does not accept one', async () => {
    await using server = await startScriptedServer(failure(500, 'unkey/application/unexpected_error'));
    const portico = connect(server.baseUrl);
    const idempotencyKey = 'a-key-of-the-caller';
    const error = await portico.portal
      .createKey({ apiId: 'api_1' }, { idempotencyKey })
      .then(String, (thrown) => thrown);
    expect(error.idempotencyKey).toBe(idempotencyKey);
    expect(inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error)).not.toContain(idempotencyKey);
    const other: PorticoError = await portico.keys.verifyKey({ key: 'k' }).then(String, (thrown) => thrown);
    expect([other.status, other.idempotencyKey]).toEqual([500, undefined]);
  });
});

describe('how a request is retried', () => {
  test('with the same Idempotency-Key; each call has its own, or the one in its options', async () => {
    await using server = await startScriptedServer(
      failure(503, unavailable),
      failure(429, rateLimited),
      success(created),
    );
    const portico = connect(server.baseUrl);
    expect(await portico.portal.createSession(session)).toEqual(created);
    await portico.portal.createSession(session);
    await portico.portal.createSession(session, { idempotencyKey: 'order-7' });
    const keys = server.received.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toEqual([keys[0], keys[0], keys[0], keys[3], 'order-7']);
    expect(keys[3]).not.toBe(keys[0]);
    expect(new Set(server.received.map(({ body }) => body))).toEqual(new Set([JSON.stringify(session)]));
  });

  test('without an Idempotency-Key if the operation does not accept one', async () => {
    await using server = await startScriptedServer(success({}));
    await connect(server.baseUrl).portal.deleteKey({ keyId: 'key_1' });
    expect(server.received[0]?.headers).not.toHaveProperty('idempotency-key');
  });

  test('not before Retry-After, in seconds and as a date', async () => {
    for (const header of ['1', new Date(Date.now() + 2000).toUTCString()]) {
      await using server = await startScriptedServer(failure(429, rateLimited, { 'Retry-After': header }), success({}));
      const atLeast = header === '1' ? 1000 : Date.parse(header) - Date.now();
      await connect(server.baseUrl).portal.getSession();
      const [first, second] = server.received.map(({ at }) => at);
      expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(Math.min(1000, atLeast) - 20);
    }
  });

  test('at most maxAttempts times', async () => {
    await using server = await startScriptedServer(failure(429, rateLimited));
    const portico = connect(server.baseUrl);
    await expect(portico.portal.getSession()).rejects.toMatchObject({ status: 429 });
    expect(server.received).toHaveLength(3);
    await expect(portico.portal.getSession({}, { maxAttempts: 1 })).rejects.toMatchObject({ status: 429 });
    expect(server.received).toHaveLength(4);
  });

  test('not if the wait would end after the deadline: the error is immediate', async () => {
    await using server = await startScriptedServer(failure(429, rateLimited, { 'Retry-After': '60' }));
    const call = connect(server.baseUrl, { timeoutMs: 30_000 }).portal.getSession();
    const error: PorticoError = await call.then(String, (thrown) => thrown);
    expect(error).toMatchObject({ status: 429, retryAfter: 60, code: rateLimited });
    expect(Date.now() - (server.received[0]?.at ?? 0)).toBeLessThan(5000);
  });

  test('all attempts share one deadline', async () => {
    await using server = await startScriptedServer(failure(429, rateLimited), { status: 200, hang: true });
    const call = connect(server.baseUrl, { timeoutMs: 2000, maxAttempts: 2 }).portal.getSession();
    await expect(call).rejects.toMatchObject({ name: 'PorticoUnreachable', timedOut: true });
    expect(server.received).toHaveLength(2);
  });

  test('a signal cancels a request and a wait, with its reason', async () => {
    for (const response of [{ status: 200, hang: true }, failure(429, rateLimited, { 'Retry-After': '5' })]) {
      await using server = await startScriptedServer(response);
      const controller = new AbortController();
      const call = connect(server.baseUrl).portal.getSession({}, { signal: controller.signal });
      setTimeout(() => controller.abort(new Error('the visitor has left')), 150);
      await expect(call).rejects.toThrow('the visitor has left');
      expect(server.received).toHaveLength(1);
    }
  });
});
