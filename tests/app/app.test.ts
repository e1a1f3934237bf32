/** The whole app in the process of the test, with a real Redis: how a request passes from one room to the next. */
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { sendHeld } from '../../contract-tests/engine/send-held.ts';
import { readSpec, specOperations } from '../../contract-tests/engine/spec.ts';
import { createApp, type RunningApp } from '../../src/server/app.ts';
import { commandLine } from '../../src/server/cli/operator.ts';
import { readConfig } from '../../src/server/config/index.ts';
import { createApi } from '../../src/server/domain/portals/apis.ts';
import { createPortal } from '../../src/server/domain/portals/portals.ts';
import { createRootKey, revokeRootKey } from '../../src/server/domain/workspaces/root-keys.ts';
import { createWorkspace, setWorkspaceEnabled } from '../../src/server/domain/workspaces/workspaces.ts';
import { serverLimits } from '../../src/server/http/process/server-limits.ts';
import { createStore, type Store } from '../../src/server/store/index.ts';
import { connectRedis } from '../../src/server/store/redis.ts';
import { exampleBody } from '../support/naming-fields.ts';
import '../support/patient-redis.ts';
import { sharedRedis } from '../support/shared/client.ts';

const portalBaseUrl = 'https://portal.acme.example';
let store: Store;
let app: RunningApp;
let server: Server;
let workspaceId: string;
let rootKey: string;
let token: string;

beforeAll(async () => {
  const { env } = await sharedRedis();
  const settings = { PORTAL_BASE_URL: portalBaseUrl, HOME_URL: 'https://acme.example/', VALIDATE_RESPONSES: 'false' };
  const config = readConfig({ ...env, ...settings });
  const redis = connectRedis(config.redis);
  await redis.ready;
  store = createStore(redis, config.audit);
  app = createApp({ config, store, log: pino({ level: 'silent' }) });
  await app.warmUp();
  server = createServer(serverLimits, app.app).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
});
afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await store.close();
});

const send = (path: string, options: RequestInit = {}) =>
  fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { redirect: 'manual', ...options });

/** Calls an operation, with a bearer unless the headers have another credential. */
const post = (operation: string, body: unknown, headers: Record<string, string> = {}) =>
  send(`/v2/${operation}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const as = (credential: string) => ({ authorization: `Bearer ${credential}` });

/** The status of a response, and the last part of its error's type. */
async function outcomeOf(response: Promise<Response>): Promise<string> {
  const { status, ...rest } = { status: (await response).status, body: (await (await response).json()) as Body };
  return [status, rest.body.error?.type.split('/').at(-1)].filter(Boolean).join(' ');
}
interface Body {
  data: Record<string, string>;
  meta: { requestId: string };
  error?: { type: string };
}
const dataOf = async (response: Promise<Response>) => ((await (await response).json()) as Body).data;

const grant = { slug: 'acme', externalId: 'user_1', permissions: ['api.*.read_key', 'api.*.read_analytics'] };

beforeEach(async () => {
  ({ workspaceId, rootKey } = await createWorkspace(store, { name: 'Acme' }, commandLine));
  const { apiId } = await createApi(store, workspaceId, { name: 'API' }, commandLine);
  await createPortal(
    store,
    workspaceId,
    { slug: 'acme', apiIds: [apiId], returnUrl: 'https://app.example/', allowedOrigins: ['https://app.example'] },
    commandLine,
  );
  const { sessionId } = await dataOf(post('portal.createSession', grant, as(rootKey)));
  token = String((await dataOf(post('portal.exchangeSession', { sessionId })))['token']);
});

describe('an operation', () => {
  test('is found by its path alone, without the query', async () => {
    expect((await send('/v2/liveness')).status).toBe(200);
    expect(await outcomeOf(send('/v2/liveness?a=1'))).toBe('400 invalid_input');
    expect(await outcomeOf(send('/v2/liveness/'))).toBe('404 route_not_found');
    expect(await outcomeOf(send('/v2/Liveness'))).toBe('404 route_not_found');
  });

  test('has one method', async () => {
    const response = await send('/v2/keys.verifyKey');
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    const get = await post('liveness', {});
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD']) {
      const other = await send('/v2/keys.verifyKey', { method });
      expect([method, other.status, other.headers.get('allow')]).toEqual([method, 405, 'POST']);
      expect(await other.text()).toMatch(method === 'HEAD' ? /^$/ : /"title":"Method Not Allowed"/);
    }
  });

  test('responds to HEAD as to GET, without the body', async () => {
    for (const probe of ['liveness', 'readiness']) {
      const [head, get] = [await send(`/v2/${probe}`, { method: 'HEAD' }), await send(`/v2/${probe}`)];
      expect([head.status, await head.text()]).toEqual([200, '']);
      const headersOf = ({ headers }: Response) =>
        Object.fromEntries([...headers].filter(([name]) => !['date', 'connection', 'keep-alive'].includes(name)));
      expect(headersOf(head)).toEqual(headersOf(get));
    }
    expect((await send('/v2/liveness?a=1', { method: 'HEAD' })).status).toBe(400);
  });

  test('refuses a missing body only if it needs one', async () => {
    expect(await outcomeOf(post('apis.createApi', undefined, as(rootKey)))).toBe('400 invalid_input');
    // No field of these is required.
    expect(await outcomeOf(post('apis.listApis', undefined, as(rootKey)))).toBe('200');
    expect(await outcomeOf(post('portal.getSession', undefined, as(token)))).toBe('200');
  });

  test('does not name the software, and has the security headers', async () => {
    const { headers } = await send('/v2/liveness');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('strict-transport-security')).toMatch(/max-age=\d+/);
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });

  /** The status line and the body of the response to a head. */
  async function respondTo(head: string): Promise<string> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(`${head}\r\nConnection: close\r\n\r\n`);
    return text(socket);
  }

  test.each([
    ['no Host header', 'GET /v2/liveness HTTP/1.1', 'headers.host'],
    ['two Host headers', 'GET /v2/liveness HTTP/1.1\r\nHost: a\r\nHost: a', 'headers.host'],
    ['a host with user information', 'GET /keys HTTP/1.1\r\nHost: a@b', 'headers.host'],
    ['a URL of another host', 'GET http://b/v2/liveness HTTP/1.1\r\nHost: a', 'request.target'],
    [
      'two credentials',
      'POST /v2/portal.getSession HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b',
      'headers.authorization',
    ],
    [
      'two idempotency keys',
      'POST /v2/portal.createKey HTTP/1.1\r\nHost: a\r\nIdempotency-Key: a\r\nIdempotency-Key: b',
      'headers.idempotency-key',
    ],
    [
      'two media types',
      'POST /v2/portal.createKey HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Type: application/json',
      'headers.content-type',
    ],
  ])('refuses %s', async (_, head, location) => {
    expect(await respondTo(head)).toMatch(new RegExp(`^HTTP/1\\.1 400 [\\s\\S]*"location":"${location}"`));
  });

  test('serves a whole URL of its host as a path', async () => {
    expect(await respondTo('GET http://a/v2/liveness HTTP/1.1\r\nHost: a')).toMatch(/^HTTP\/1\.1 200 [\s\S]*"alive"/);
  });

  test('sends usage as CSV to a client that prefers it', async () => {
    const body = { startTime: Date.now() - 60_000, endTime: Date.now() };
    const typeFor = async (accept: string) =>
      (await post('portal.getVerifications', body, { ...as(token), accept })).headers.get('content-type');
    expect(await typeFor('text/csv')).toBe('text/csv; charset=utf-8');
    for (const accept of ['*/*', 'application/json', 'application/json, text/csv'])
      expect(await typeFor(accept)).toBe('application/json; charset=utf-8');
  });

  test('sets the cookie of a session, and clears it at its end', async () => {
    const { sessionId } = await dataOf(post('portal.createSession', grant, as(rootKey)));
    const exchanged = await post('portal.exchangeSession', { sessionId });
    expect(exchanged.headers.get('set-cookie')).toMatch(
      /^__Host-portal_session=ps_[^;]+; Max-Age=86400; .*HttpOnly; Secure/,
    );
    const ended = await post('portal.endSession', {}, as(token));
    expect(ended.headers.get('set-cookie')).toMatch(/^__Host-portal_session=; /);
    expect(await outcomeOf(post('portal.getSession', {}, as(token)))).toBe('401 portal_session_not_found');
  });
});

describe('a body', () => {
  const [json, form] = ['application/json', 'application/x-www-form-urlencoded'];
  test.each([
    ['too large', json, `{"a":"${'a'.repeat(102_400)}"}`, '413 request_body_too_large'],
    ['a form', form, 'a=b', '415 unsupported_media_type'],
    ['not JSON', json, '{', '400 invalid_input'],
    ['invalid', json, '{"a":1}', '400 invalid_input'],
  ])('that is %s tells a stranger nothing', async (_, type, body, code) => {
    const call = (operation: string, headers: Record<string, string>) =>
      outcomeOf(send(`/v2/${operation}`, { method: 'POST', body, headers: { 'content-type': type, ...headers } }));
    expect(await call('portal.createKey', as(`${token.slice(0, -4)}AAAA`))).toBe('401 portal_session_not_found');
    expect(await call('portal.createSession', as(`${rootKey.slice(0, -4)}AAAA`))).toBe('401 key_not_found');
    expect(await call('apis.createApi', {})).toBe('401 missing');
    expect(await call('portal.createKey', as(token))).toBe(code);
    // The second time the process has the key in its cache.
    expect(await call('portal.createSession', as(rootKey))).toBe(code);
    expect(await call('portal.createSession', as(rootKey))).toBe(code);
  });

  /** Calls an operation, and runs a step before the body has arrived. */
  const held = async (
    operation: string,
    body: object,
    credential: string | undefined,
    step: () => Promise<unknown>,
  ) => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v2/${operation}`;
    const headers = { 'content-type': 'application/json', ...(credential !== undefined && as(credential)) };
    const response = await sendHeld(url, 'POST', headers, JSON.stringify(body), step, 30_000);
    return `${response.status} ${(response.body as Body).error?.type.split('/').at(-1)}`;
  };

  test('that arrives after the workspace is disabled changes nothing, in any operation', async () => {
    const spec = await readSpec();
    const secured = specOperations(spec).filter(({ security }) => security.length > 0);
    let begun = 0;
    const { promise: disabled, resolve } = Promise.withResolvers<void>();
    /** Disables the workspace when all requests have begun. */
    const step = async () => {
      begun += 1;
      if (begun === secured.length) resolve(setWorkspaceEnabled(store, workspaceId, false, commandLine).then(() => {}));
      await disabled;
    };
    const outcomes = secured.map((operation) => {
      const credential = operation.security.some((scheme) => 'rootKey' in scheme) ? rootKey : token;
      return held(operation.operationId, exampleBody(spec, operation), credential, step);
    });
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['403 workspace_disabled']));
    const [last] = (await store.audit.list(workspaceId, {}, { limit: 1 })).items;
    expect(last?.action).toBe('workspace.update');
  });

  test('with a session id that is revoked before it has arrived creates no browser session', async () => {
    const { sessionId } = await dataOf(post('portal.createSession', grant, as(rootKey)));
    const revoke = () => post('portal.revokeSessions', { externalId: grant.externalId }, as(rootKey));
    expect(await held('portal.exchangeSession', { sessionId }, undefined, revoke)).toBe('401 portal_session_not_found');
  });
});

describe('a root key', () => {
  const list = (headers?: Record<string, string>) => outcomeOf(post('apis.listApis', {}, headers));

  test('must be there, well-formed and known', async () => {
    expect(await list()).toBe('401 missing');
    expect(await list({ authorization: 'Basic a' })).toBe('401 malformed');
    expect(await list(as(`${rootKey.slice(0, -4)}AAAA`))).toBe('401 key_not_found');
    expect(await list(as(rootKey))).toBe('200');
  });

  test('needs the permission of the operation, whether its process has seen it or not', async () => {
    const permissions = ['portal.*.create_session', 'api.*.read_key', 'api.*.read_analytics'];
    const narrow = await createRootKey(store, { workspaceId, permissions }, commandLine);
    for (let i = 0; i < 2; i++) {
      expect(await list(as(narrow.rootKey))).toBe('403 insufficient_permissions');
      expect(await outcomeOf(post('portal.createSession', grant, as(narrow.rootKey)))).toBe('200');
      expect(await outcomeOf(post('keys.verifyKey', { key: 'a' }, as(narrow.rootKey)))).toBe(
        '403 insufficient_permissions',
      );
    }
  });

  test('that is revoked learns nothing about its input, though its process has seen it', async () => {
    const own = await createRootKey(store, { workspaceId }, commandLine);
    const repeat = { ...as(own.rootKey), 'idempotency-key': 'once' };
    expect(await outcomeOf(post('portal.createSession', grant, repeat))).toBe('200');
    expect(await outcomeOf(post('portal.createSession', {}, as(own.rootKey)))).toBe('400 invalid_input');
    await revokeRootKey(store, workspaceId, own.rootKeyId, commandLine);
    for (const body of [{}, undefined, grant])
      expect(await outcomeOf(post('portal.createSession', body, as(own.rootKey)))).toBe('401 key_not_found');
    // Not even the stored response of a call that was allowed.
    expect(await outcomeOf(post('portal.createSession', grant, repeat))).toBe('401 key_not_found');
  });

  test('with an Idempotency-Key gets the same response again, for the operations that take one', async () => {
    const repeat = { ...as(rootKey), 'idempotency-key': 'once' };
    const create = async () => (await (await post('portal.createSession', grant, repeat)).json()) as Body;
    const [one, other] = [await create(), await create()];
    expect(one.data['sessionId']).toMatch(/^pst_/);
    expect(other.data).toEqual(one.data);
    expect(other.meta.requestId).not.toBe(one.meta.requestId);
    expect(await outcomeOf(post('portal.createSession', { ...grant, externalId: 'user_2' }, repeat))).toMatch(
      'key_reused',
    );
  });
});

describe('a portal session', () => {
  const read = (headers: Record<string, string>) => outcomeOf(post('portal.getSession', {}, headers));
  const cookie = () => ({ cookie: `__Host-portal_session=${token}` });

  test('is in the header or in the cookie, and the header wins', async () => {
    expect(await read(as(token))).toBe('200');
    expect(await read(cookie())).toBe('200');
    expect(await read({ ...cookie(), ...as('ps_unknown') })).toBe('401 portal_session_not_found');
    expect(await read({ ...cookie(), authorization: 'Bearer' })).toBe('401 portal_token_missing');
    // Another scheme is that of somebody in front of the server.
    for (const other of ['Basic a', 'basic', 'Negotiate a', 'Bearers a', 'Token a'])
      expect(await read({ ...cookie(), authorization: other })).toBe('200');
    expect(await read({ authorization: 'Basic a' })).toBe('401 portal_token_missing');
    expect(await read({ ...cookie(), authorization: '' })).toBe('200');
    expect(await read({})).toBe('401 portal_token_missing');
  });

  test('is no root key', async () => {
    expect(await read(as(rootKey))).toBe('401 portal_token_missing');
    expect(await read({ cookie: `__Host-portal_session=${rootKey}` })).toBe('401 portal_token_missing');
  });

  test('is for the pages of the portal, and for those that the portal allows', async () => {
    const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    for (const credential of [cookie(), as(token)]) {
      expect(await read({ ...credential, ...foreign })).toBe('403 foreign_origin');
      expect(await read({ ...credential, origin: portalBaseUrl })).toBe('200');
      expect(await read({ ...credential, ...foreign, origin: 'https://app.example' })).toBe('200');
    }
  });

  test('is in the only one of several cookies that is good', async () => {
    const name = '__Host-portal_session';
    const old = `${token.slice(0, -2)}zz`;
    expect(await read({ cookie: `${name}=${old}; ${name}=${token}` })).toBe('200');
    expect(await read({ cookie: `${name}=${rootKey}; ${name}=${token}` })).toBe('200');
    expect(await read({ cookie: `${name}=${old}; ${name}=${rootKey}` })).toBe('401 portal_session_not_found');
    expect(await read({ cookie: `portal_session=${token}` })).toBe('401 portal_token_missing');
  });
});

describe('a page of another origin', () => {
  const origin = 'https://app.example';
  const from = (page: string) => ({ origin: page, 'sec-fetch-site': 'cross-site' });
  const corsOf = ({ headers }: Response) => [
    headers.get('vary'),
    headers.get('access-control-allow-origin'),
    headers.get('access-control-allow-credentials'),
  ];
  const readable = ['Origin', origin, 'true'];
  const hidden = ['Origin', null, null];
  const closed = [null, null, null];
  const preflight = (operation: string, page: string, method = 'POST') =>
    send(`/v2/${operation}`, {
      method: 'OPTIONS',
      headers: { ...from(page), 'access-control-request-method': method },
    });

  test('asks first, and gets a reply that browsers remember', async () => {
    const granted = await preflight('portal.getSession', origin);
    expect([granted.status, await granted.text(), ...corsOf(granted)]).toEqual([204, '', ...readable]);
    expect(granted.headers.get('access-control-allow-methods')).toBe('POST');
    expect(granted.headers.get('access-control-allow-headers')).toBe(
      'Authorization, Content-Type, Idempotency-Key, If-None-Match',
    );
    expect(granted.headers.get('access-control-max-age')).toBe('7200');
    const refused = await preflight('portal.getSession', 'https://evil.example');
    expect([refused.status, ...corsOf(refused)]).toEqual([403, ...hidden]);
    const plain = await send('/v2/portal.getSession', { method: 'OPTIONS' });
    expect([plain.status, plain.headers.get('allow'), ...corsOf(plain)]).toEqual([405, 'POST', ...hidden]);
    const rootKeyOperation = await preflight('portal.listConfigurations', origin);
    expect([rootKeyOperation.status, ...corsOf(rootKeyOperation)]).toEqual([405, ...closed]);
  });

  test.each<[what: string, status: number, call: (page: string) => Promise<Response>]>([
    ['a success', 200, (page) => post('portal.getSession', {}, { ...as(token), ...from(page) })],
    [
      'a file',
      200,
      (page) => {
        const range = { startTime: Date.now() - 60_000, endTime: Date.now() };
        return post('portal.getVerifications', range, { ...as(token), ...from(page), accept: 'text/csv' });
      },
    ],
    ['no credential', 401, (page) => post('portal.getSession', {}, from(page))],
    ['an invalid field', 400, (page) => post('portal.getSession', { x: 1 }, { ...as(token), ...from(page) })],
    [
      'an unknown key',
      404,
      (page) => post('portal.deleteKey', { keyId: 'key_12345678' }, { ...as(token), ...from(page) }),
    ],
    [
      'another media type',
      415,
      (page) => post('portal.getSession', {}, { ...as(token), ...from(page), 'content-type': 'text/plain' }),
    ],
    ['another method', 405, (page) => send('/v2/portal.getSession', { headers: from(page) })],
    ['an exchange', 401, (page) => post('portal.exchangeSession', { sessionId: 'pst_unknown' }, from(page))],
  ])('can read the response to %s if the portal allows it, and learns nothing otherwise', async (_, status, call) => {
    const allowed = await call(origin);
    expect([allowed.status, ...corsOf(allowed)]).toEqual([status, ...readable]);
    expect(allowed.headers.get('access-control-expose-headers')).toContain('Retry-After');
    const other = await call('https://evil.example');
    expect([other.status, ...corsOf(other)]).toEqual([403, ...hidden]);
    expect(await outcomeOf(Promise.resolve(other))).toBe('403 foreign_origin');
  });

  test('cannot read anything that a root key can call', async () => {
    const response = await post('portal.listConfigurations', {}, { ...as(rootKey), ...from(origin) });
    expect([response.status, ...corsOf(response)]).toEqual([200, ...closed]);
  });
});

describe('a page', () => {
  const open = (path: string, headers: Record<string, string> = {}) =>
    send(path, { headers: { accept: 'text/html', ...headers } });
  const placeOf = async (response: Promise<Response>) => [
    (await response).status,
    (await response).headers.get('location'),
  ];
  const cookie = () => ({ cookie: `__Host-portal_session=${token}` });

  test('of a tab is for a session that may see it, and remembers the portal', async () => {
    const keys = await open('/keys', cookie());
    expect(keys.status).toBe(200);
    expect(keys.headers.get('set-cookie')).toMatch(/^__Host-portal_last=ws_.*Max-Age=7776000/);
    expect(await placeOf(open('/', cookie()))).toEqual([302, '/keys']);
    const only = { ...grant, permissions: ['api.*.read_analytics'] };
    const { sessionId } = await dataOf(post('portal.createSession', only, as(rootKey)));
    const { token: narrow } = await dataOf(post('portal.exchangeSession', { sessionId }));
    expect(await placeOf(open('/keys', { cookie: `__Host-portal_session=${narrow}` }))).toEqual([302, '/']);
    expect(await placeOf(open('/', { cookie: `__Host-portal_session=${narrow}` }))).toEqual([302, '/analytics']);
  });

  test('without a session leads back to the app, or says how to get there', async () => {
    const last = (await open('/keys', cookie())).headers.get('set-cookie')?.split(';')[0] ?? '';
    const expired = [302, 'https://app.example/?reason=session_expired'];
    expect(await placeOf(open('/keys', { cookie: last }))).toEqual(expired);
    expect(await placeOf(open('/', { cookie: last }))).toEqual(expired);
    expect(await placeOf(open('/keys', { cookie: last, 'sec-fetch-dest': 'iframe' }))).toEqual([401, null]);
    expect(await placeOf(open('/keys'))).toEqual([401, null]);
    expect(await (await open('/keys')).text()).toContain('href="https://acme.example/"');
  });

  test('of the end of a session leads to the app, but not while the session is active', async () => {
    const last = (await open('/keys', cookie())).headers.get('set-cookie')?.split(';')[0] ?? '';
    expect(await placeOf(open('/signed-out', cookie()))).toEqual([302, '/']);
    const out = await open('/signed-out', { cookie: last });
    expect([out.status, out.headers.get('location')]).toEqual([302, 'https://app.example/']);
    expect(out.headers.getSetCookie().map((value) => value.split(';')[0])).toEqual([
      '__Host-portal_last=',
      '__Host-portal_session=',
    ]);
    expect((await open('/signed-out')).status).toBe(200);
  });

  test('of a link does not spend its id', async () => {
    const { sessionId } = await dataOf(post('portal.createSession', grant, as(rootKey)));
    expect((await open(`/?session=${sessionId}`)).status).toBe(200);
    expect((await open('/?session=pst_unknown')).status).toBe(200);
    expect(await outcomeOf(post('portal.exchangeSession', { sessionId }))).toBe('200');
  });

  test('is not found as a page for a browser, and in JSON for others', async () => {
    const page = await open('/nowhere');
    expect([page.status, page.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
    expect(await outcomeOf(send('/nowhere'))).toBe('404 route_not_found');
    for (const path of ['/v2/portal.nothing', '/v2/', '/v2/portal.createSession/', '/nowhere']) {
      const called = send(path, { method: 'POST', headers: { accept: 'text/html' } });
      expect((await called).headers.get('content-type')).toMatch(/^application\/json/);
      expect(await outcomeOf(called)).toBe('404 route_not_found');
    }
  });
});

test('readiness follows the process, and comes last: it cannot be undone', async () => {
  expect([await app.isReady(), (await send('/v2/readiness')).status]).toEqual([true, 200]);
  app.beginStopping();
  expect([await app.isReady(), (await send('/v2/readiness')).status]).toEqual([false, 503]);
  expect((await send('/v2/liveness')).status).toBe(200);
  await app.warmUp();
  expect(await app.isReady()).toBe(false);
});
