/** Tests the client against the real server and a real Redis. */
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readSpec, specErrors, specOperations } from '../../contract-tests/engine/spec.ts';
import { errorCodes } from '../../generated/errors.ts';
import { type LocalRedis, startRedis } from '../../tests/support/redis.ts';
import { portico as commandLine, type LocalServer, startPatientServer } from '../../tests/support/server.ts';
import { type ApiKey, itemsOf, Portico, PorticoError, portalGetSession } from './src/index.ts';
import { failure, startScriptedServer, success } from './testing.ts';

let redis: LocalRedis;
let server: LocalServer;
let rootKey: string;
let backend: Portico;
beforeAll(async () => {
  redis = await startRedis();
  server = await startPatientServer({ PORT: '0', REDIS_URL: redis.url });
  ({ rootKey } = await commandLine<{ rootKey: string }>(redis.url, 'workspace', 'create', '--name', 'Acme'));
  backend = new Portico({ baseUrl: server.url, rootKey });
});
afterAll(async () => {
  await server?.stop();
  await redis?.stop();
});

const permissions = ['api.*.create_key', 'api.*.read_key', 'api.*.update_key', 'api.*.read_analytics'];

/** Creates a portal with one API and a signed-in user. */
async function signIn(slug: string, granted = permissions) {
  const { apiId } = await backend.apis.createApi({ name: 'Payments', prefix: 'pay' });
  await backend.portal.createConfiguration({ slug, apiIds: [apiId] });
  const { sessionId } = await backend.portal.createSession({ slug, externalId: 'user_123', permissions: granted });
  const { token } = await new Portico({ baseUrl: server.url }).portal.exchangeSession({ sessionId });
  return { apiId, user: new Portico({ baseUrl: server.url, sessionToken: token }), token };
}

describe('the whole flow', () => {
  test('create and exchange a session, create, update and verify a key, read usage, end the session', async () => {
    const { apiId, user, token } = await signIn('whole-flow');
    expect(await user.portal.getSession()).toMatchObject({
      externalId: 'user_123',
      tabs: ['keys', 'analytics', 'docs'],
    });
    // The same as a function, and with a token for this call only.
    expect(await backend.call(portalGetSession, {}, { sessionToken: token })).toEqual(await user.portal.getSession());

    const { key, keyId } = await user.portal.createKey({ apiId, name: 'First' });
    expect(await user.portal.updateKey({ keyId, name: 'Renamed' })).toMatchObject({ keyId, name: 'Renamed' });
    expect(await backend.keys.verifyKey({ key, apiId })).toMatchObject({ valid: true, code: 'VALID', keyId });

    const window = { startTime: Date.now() - 60_000, endTime: Date.now() };
    expect((await user.portal.getVerifications(window)).totals).toMatchObject({ total: 1, valid: 1 });
    expect(await user.portal.getVerificationsCsv(window)).toMatch(/^time,total,valid,/);

    await user.portal.endSession();
    await expect(user.portal.getSession()).rejects.toMatchObject({
      code: 'unkey/authentication/portal_session_not_found',
    });
    expect(await backend.liveness()).toBeDefined();
    expect(await backend.readiness()).toBeDefined();
  });

  test('a list returns one page, and itemsOf all items', async () => {
    const { apiId, user } = await signIn('long-list');
    const names = ['one', 'two', 'three', 'four', 'five'];
    for (const name of names) await user.portal.createKey({ apiId, name });
    const page = await user.portal.listKeys({ apiId, limit: 2 });
    expect(page.data).toHaveLength(2);
    expect(page.pagination).toMatchObject({ hasMore: true, cursor: expect.any(String) });
    const keys: ApiKey[] = [];
    for await (const key of itemsOf((next) => user.portal.listKeys({ apiId, limit: 2, ...next }))) keys.push(key);
    expect(keys.map(({ name }) => name).sort()).toEqual(names.sort());
  });

  test('two calls with the same Idempotency-Key create one API', async () => {
    const body = { name: 'Once', prefix: 'one' };
    const options = { idempotencyKey: 'once-and-no-more' };
    const [first, second] = [await backend.apis.createApi(body, options), await backend.apis.createApi(body, options)];
    expect(second).toEqual(first);
    expect((await backend.apis.createApi(body)).apiId).not.toBe(first.apiId);
  });
});

test('each operation that the spec marks repeatable returns the same response again', async () => {
  const { apiId, user } = await signIn('repeated', [...permissions, 'portal.*.read_account']);
  const { keyId } = await user.portal.createKey({ apiId });
  const window = { startTime: Date.now() - 60_000, endTime: Date.now() };
  const imported = { hash: '0a'.repeat(32), start: 'old_', externalId: 'user_123' };
  const calls: Record<string, () => Promise<unknown>> = {
    'portal.getSession': () => user.portal.getSession(),
    'portal.getConfiguration': () => backend.portal.getConfiguration({ portal: 'repeated' }),
    'portal.listConfigurations': () => backend.portal.listConfigurations(),
    'apis.getApi': () => backend.apis.getApi({ apiId }),
    'apis.listApis': () => backend.apis.listApis(),
    'apis.getScopes': () => backend.apis.getScopes({ apiId }),
    'apis.listKeys': () => backend.apis.listKeys({ apiId }),
    'apis.updateApi': () => backend.apis.updateApi({ apiId, name: 'Again' }),
    'keys.getKey': () => backend.keys.getKey({ keyId }),
    'keys.importKeys': () => backend.keys.importKeys({ apiId, keys: [imported] }),
    'keys.updateKey': () => backend.keys.updateKey({ keyId, name: 'Again' }),
    'portal.getLimits': () => user.portal.getLimits(),
    'portal.listApis': () => user.portal.listApis(),
    'portal.getOpenapiDocument': () => user.portal.getOpenapiDocument().catch(({ code }: PorticoError) => code),
    'portal.listKeys': () => user.portal.listKeys({ apiId }),
    'portal.updateKey': () => user.portal.updateKey({ keyId, name: 'Again' }),
    'portal.getVerifications': () => user.portal.getVerifications(window),
    'portal.listSessions': () => backend.portal.listSessions({ slug: 'repeated', externalId: 'user_123' }),
    'portal.revokeSessions': () => backend.portal.revokeSessions({ slug: 'repeated', externalId: 'nobody' }),
    'portal.listUserSessions': () => user.portal.listUserSessions(),
    'portal.listAuditEntries': () => user.portal.listAuditEntries(),
    'portal.endOtherSessions': () => user.portal.endOtherSessions(),
    'identities.getIdentity': () => backend.identities.getIdentity({ externalId: 'user_123' }),
    'identities.listIdentities': () => backend.identities.listIdentities(),
    'identities.updateIdentity': () => backend.identities.updateIdentity({ externalId: 'user_123', name: 'Ada' }),
    'auditLogs.listEntries': () => backend.auditLogs.listEntries(),
    liveness: () => backend.liveness(),
    readiness: () => backend.readiness(),
  };
  const repeatable = specOperations(await readSpec()).filter((operation) => operation['x-repeatable'] === true);
  expect(Object.keys(calls).sort()).toEqual(repeatable.map(({ operationId }) => operationId).sort());
  for (const [id, call] of Object.entries(calls)) {
    // A repeated update changes only `updatedAt`, and a repeated import says that the same key exists.
    const response = async () =>
      JSON.stringify(await call())
        .replace(/"updatedAt":\d+/, '')
        .replace('"status":"created"', '"status":"exists"');
    expect([id, await response()]).toEqual([id, await response()]);
  }
});

describe('withResponse', () => {
  test('returns the result with the request id and the headers', async () => {
    const { user } = await signIn('with-response');
    const session = await user.portal.getSession();
    const { result, ...info } = await user.portal.getSession().withResponse();
    expect(result).toEqual(session);
    expect(info).toMatchObject({ status: 200, requestId: expect.stringMatching(/^req_/), rateLimit: undefined });
    expect(info.headers.get('Cache-Control')).toBe('no-store');
    const page = await backend.apis.listApis({ limit: 1 }).withResponse();
    expect(page.result).toEqual(await backend.apis.listApis({ limit: 1 }));
    const window = { startTime: Date.now() - 60_000, endTime: Date.now() };
    expect((await user.portal.getVerificationsCsv(window).withResponse()).result).toMatch(/^time,/);
  });

  test('returns the rate limit if the response contains it', async () => {
    const headers = { 'RateLimit-Limit': '100', 'RateLimit-Remaining': '99', 'RateLimit-Reset': '60' };
    const limited = { status: 200, headers: { 'Content-Type': 'application/json', ...headers }, body: { data: {} } };
    await using mirror = await startScriptedServer(limited);
    const { rateLimit } = await new Portico({ baseUrl: mirror.baseUrl }).liveness().withResponse();
    expect(rateLimit).toEqual({ limit: 100, remaining: 99, reset: 60 });
  });

  test('throws the error of the call, once', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', note);
    const call = backend.portal.getConfiguration({ portal: 'never-made' }).withResponse();
    await expect(call).rejects.toMatchObject({ status: 404, headers: expect.any(Headers) });
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });
});

test('requests name the client and its version', async () => {
  await using mirror = await startScriptedServer(success({}));
  await new Portico({ baseUrl: mirror.baseUrl }).liveness();
  expect(mirror.received[0]?.headers['user-agent']).toMatch(/^portico-client\/\d+\.\d+\.\d+$/);
});

describe('errors', () => {
  const thrownBy = async (call: Promise<unknown>): Promise<PorticoError> => {
    const error = await call.then(
      () => undefined,
      (thrown) => thrown,
    );
    if (!(error instanceof PorticoError)) throw new Error(`not a PorticoError: ${inspect(error)}`);
    return error;
  };

  test('contain everything in the response', async () => {
    const error = await thrownBy(backend.portal.getConfiguration({ portal: 'never-made' }));
    expect(error).toMatchObject({
      name: 'PorticoError',
      operation: 'portal.getConfiguration',
      status: 404,
      code: 'unkey/data/portal_config_not_found',
      type: 'https://unkey.com/docs/errors/unkey/data/portal_config_not_found',
      title: 'Not Found',
      detail: 'Portal configuration not found.',
      requestId: expect.stringMatching(/^req_/),
      errors: [],
      retryAfter: undefined,
    });
    expect(error.message).toContain(error.requestId ?? 'none');
    const invalid = await thrownBy(backend.portal.createSession({ slug: 'X', externalId: '', permissions: [] }));
    expect(invalid.code).toBe('unkey/application/invalid_input');
    expect(invalid.errors.map(({ location }) => location).sort()).toEqual([
      'body.externalId',
      'body.permissions',
      'body.slug',
      'body.slug',
    ]);
  });

  test('the client knows every code of the catalogue; an unknown code is undefined', async () => {
    const codes = specErrors(await readSpec()).map(({ code, status }) => ({ code, status }));
    expect(codes.map(({ code }) => code)).toEqual([...errorCodes]);
    for (const { code, status } of codes) {
      await using refusing = await startScriptedServer(failure(status, code));
      const call = new Portico({ baseUrl: refusing.baseUrl, rootKey }).keys.verifyKey({ key: 'k' }, { maxAttempts: 1 });
      expect(await thrownBy(call)).toMatchObject({ code, status, requestId: 'req_2c9a0jf23l4k567' });
    }
    await using newer = await startScriptedServer(failure(410, 'unkey/data/of_tomorrow'));
    const unknown = await thrownBy(new Portico({ baseUrl: newer.baseUrl }).liveness());
    expect(unknown.code).toBeUndefined();
    expect(unknown.type).toContain('/unkey/data/of_tomorrow');
  });

  test('a response that is not from Portico is an error without a code', async () => {
    const page = { headers: { 'Content-Type': 'text/html' }, body: '<h1>Bad Gateway</h1>' };
    for (const status of [502, 200]) {
      await using proxy = await startScriptedServer({ status, ...page });
      const error = await thrownBy(new Portico({ baseUrl: proxy.baseUrl }).liveness());
      expect(error).toMatchObject({ status, code: undefined, type: undefined, requestId: undefined });
    }
  });
});

describe('no credential leaks', () => {
  const secret = 'rk_1r8DEXAMPLEonlyNeverARealOne0000wXyZ';

  test('into a log of the connection or of an error', async () => {
    const portico = new Portico({ baseUrl: server.url, rootKey: secret, sessionToken: `ps_${secret}` });
    const refused = await portico.apis.listApis().then(String, (error) => error);
    await server.stop();
    const gone = await portico.apis.listApis().then(String, (error) => error);
    server = await startPatientServer({ PORT: String(server.port), REDIS_URL: redis.url });
    for (const logged of [portico, refused, gone])
      expect(inspect(logged, { depth: 10, showHidden: true }) + JSON.stringify(logged)).not.toContain('1r8DEXAMPLE');
    expect([refused.status, gone.name]).toEqual([401, 'PorticoUnreachable']);
  });

  test('into the error about an invalid credential', async () => {
    const thrownBy = (create: () => unknown) => {
      try {
        create();
        return 'no error';
      } catch (error) {
        return inspect(error);
      }
    };
    for (const options of [
      { baseUrl: server.url, rootKey: `${secret}\n` },
      { baseUrl: server.url, sessionToken: `${secret} x` },
      { baseUrl: `http://user:${secret}@localhost` },
      { baseUrl: `ftp://${secret}` },
      { baseUrl: secret },
    ]) {
      expect(thrownBy(() => new Portico(options))).toMatch(/^TypeError/);
      expect(thrownBy(() => new Portico(options))).not.toContain('1r8DEXAMPLE');
    }
    const call = backend.portal.getSession({}, { sessionToken: `${secret}\n` }).catch(inspect);
    expect(await call).toMatch(/^TypeError: sessionToken must be/);
  });

  test('to another server: the client does not follow a redirect', async () => {
    await using elsewhere = await startScriptedServer({ status: 200, body: {} });
    await using server307 = await startScriptedServer({ status: 307, headers: { Location: elsewhere.baseUrl } });
    const portico = new Portico({ baseUrl: server307.baseUrl, rootKey: secret });
    for (const call of [portico.keys.verifyKey({ key: secret }), portico.apis.listApis()])
      await expect(call).rejects.toMatchObject({ name: 'PorticoUnreachable', cause: { message: /redirects/ } });
    // Not even a call that is safe to repeat is sent again.
    expect([elsewhere.received.length, server307.received.length]).toEqual([0, 2]);
  });

  test('to another server, in a browser, which hides the status of a redirect', async () => {
    const opaque = Object.defineProperty(new Response(null), 'type', { value: 'opaqueredirect' });
    const portico = new Portico({ baseUrl: server.url, rootKey: secret, fetch: async () => opaque });
    const call = portico.apis.listApis();
    await expect(call).rejects.toMatchObject({ name: 'PorticoUnreachable', cause: { message: /redirects/ } });
  });

  test('to an operation that does not accept it', async () => {
    await using mirror = await startScriptedServer({
      status: 200,
      headers: { 'Content-Type': 'application/json' },
      body: '{"data":{}}',
    });
    const portico = new Portico({ baseUrl: mirror.baseUrl, rootKey: 'rk_a', sessionToken: 'ps_b' });
    await portico.apis.listApis();
    await portico.portal.getSession();
    await portico.portal.getSession({}, { sessionToken: 'ps_c' });
    await portico.portal.exchangeSession({ sessionId: 'pst_d' });
    await portico.liveness();
    expect(mirror.received.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer rk_a',
      'Bearer ps_b',
      'Bearer ps_c',
      undefined,
      undefined,
    ]);
  });
});
