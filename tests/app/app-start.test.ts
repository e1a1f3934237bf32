/** An app that a test creates with its own settings: what every request passes, and what the app logs. */
import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createApp } from '../../src/server/app.ts';
import { readConfig } from '../../src/server/config/index.ts';
import { exchangeSession } from '../../src/server/domain/sessions/sessions.ts';
import type { Store } from '../../src/server/store/index.ts';
import { StoreUnavailable } from '../../src/server/store/redis.ts';
import { allOnKeys, newWorkspace, openStore } from '../support/store.ts';

const opened = await openStore();
afterAll(opened.stop);

/** The servers of a test. */
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** Serves, and returns the port. */
async function listen(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Serves an app with these settings, on the store with these changes. */
async function serve(env: Record<string, string> = {}, changes: Partial<Store> = {}) {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ base: null, timestamp: false }, { write: (line) => void lines.push(JSON.parse(line)) });
  const settings = { PORTAL_BASE_URL: 'https://portal.acme.example', RATE_LIMIT_PAGES: '0' };
  const config = readConfig({ ...settings, ...env });
  const running = createApp({ config, store: { ...opened.store, ...changes }, log });
  const port = await listen(running.app);
  return {
    ...running,
    port,
    lines,
    /** The lines of a level: 30 is info, 40 a warning. */
    logged: (level: number) => lines.filter((line) => line['level'] === level && 'msg' in line),
    send: (path: string, headers: Record<string, string> = {}, method = 'GET') =>
      fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close', ...headers }, method }),
  };
}

test('the app does not name its software, and gives each response an id that its log line has, and its headers', async () => {
  const { send, lines } = await serve({ DOCS_BASE_URL: 'https://docs.acme.example' });
  const response = await send('/nowhere?secret');
  const { meta, error } = (await response.json()) as { meta: { requestId: string }; error: { type: string } };
  expect([response.status, error.type]).toEqual([
    404,
    'https://docs.acme.example/errors/user/bad_request/route_not_found',
  ]);
  expect(meta.requestId).toMatch(/^req_\w{8,}$/);
  expect(Object.fromEntries(response.headers)).toEqual({
    'cache-control': 'no-store',
    connection: 'close',
    'content-length': expect.any(String),
    'content-security-policy': expect.stringMatching(/^default-src 'none';script-src 'self';/),
    'content-type': 'application/json; charset=utf-8',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    date: expect.any(String),
    'origin-agent-cluster': '?1',
    'referrer-policy': 'no-referrer',
    'strict-transport-security': expect.stringMatching(/^max-age=\d+/),
    'x-content-type-options': 'nosniff',
    'x-dns-prefetch-control': 'off',
    'x-download-options': 'noopen',
    'x-frame-options': 'DENY',
    'x-permitted-cross-domain-policies': 'none',
    'x-xss-protection': '0',
  });
  expect(lines.filter((line) => line['requestId'] === meta.requestId)).toEqual([
    {
      level: 30,
      requestId: meta.requestId,
      method: 'GET',
      path: '/nowhere',
      status: 404,
      durationMs: expect.any(Number),
    },
  ]);
});

test('the app serves operations', async () => {
  const { send } = await serve();
  expect((await send('/v2/liveness')).status).toBe(200);
});

test('the app serves the pages of a portal, and shows errors to their users as pages', async () => {
  const { send } = await serve();
  const shown = async (path: string) => {
    const response = await send(path, { accept: 'text/html' });
    return [response.status, response.headers.get('content-type')];
  };
  expect([await shown('/keys'), await shown('/nowhere')]).toEqual([
    [401, 'text/html; charset=utf-8'],
    [404, 'text/html; charset=utf-8'],
  ]);
});

test('the app serves the documentation, and says which hosts are its own', async () => {
  const { send } = await serve();
  const statusOf = async (path: string) => (await send(path)).status;
  expect(await statusOf('/robots.txt')).toBe(200);
  expect([
    await statusOf('/portal-host?domain=portal.acme.example'),
    await statusOf('/portal-host?domain=other.acme.example'),
  ]).toEqual([204, 404]);
});

test.each([
  '/v2/Liveness',
  '/v2/liveness/',
  '/Robots.txt',
  '/robots.txt/',
  '/Portal-host',
  '/portal-host/',
  '/Keys',
  '/keys/',
])('the app has no other spelling of a path: %s', async (path) => {
  const { send } = await serve();
  expect((await send(path)).status).toBe(404);
});

test('the app refuses a head that can be read in two ways', async () => {
  const { port } = await serve();
  const sent = get({ port, host: '127.0.0.1', path: '/nowhere', headers: { host: 'user@acme.example' }, agent: false });
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  expect(response.statusCode).toBe(400);
  response.resume();
});

test('the app limits pages by the address that a trusted proxy names, with or without its port', async () => {
  const { send, logged } = await serve({ TRUST_PROXY: '1', RATE_LIMIT_PAGES: '1' });
  const statusFor = async (address: string) => (await send('/nowhere', { 'x-forwarded-for': address })).status;
  expect(await statusFor('192.0.2.1:4711')).toBe(404);
  expect(await statusFor('192.0.2.2')).toBe(404);
  expect(await statusFor('192.0.2.1')).toBe(429);
  expect(logged(40)).toEqual([]);
});

test('the app knows a trusted proxy by its address, with or without its port', async () => {
  const { send } = await serve({ TRUST_PROXY: '127.0.0.0/8', RATE_LIMIT_PAGES: '1' });
  const statusFor = async (chain: string) => (await send('/nowhere', { 'x-forwarded-for': chain })).status;
  expect(await statusFor('192.0.2.1, 127.0.0.5:443')).toBe(404);
  expect(await statusFor('192.0.2.2, 127.0.0.5:443')).toBe(404);
  expect(await statusFor('192.0.2.1, 127.0.0.5')).toBe(429);
});

test('the app limits pages by the address of the connection, and warns once of a proxy that it does not trust', async () => {
  const { send, logged } = await serve({ RATE_LIMIT_PAGES: '2' });
  const statusFor = async (address: string) => (await send('/nowhere', { 'x-forwarded-for': address })).status;
  expect([await statusFor('192.0.2.1'), await statusFor('192.0.2.2'), await statusFor('192.0.2.3')]).toEqual([
    404, 404, 429,
  ]);
  expect(logged(40).map(({ msg }) => msg)).toEqual([
    expect.stringMatching(/^X-Forwarded-For is ignored: .*TRUST_PROXY/),
  ]);
});

test('the app counts a credential that does not exist, for the address of its client', async () => {
  const counted: string[] = [];
  const { failedAuthentication } = opened.store;
  const count = async (address: string) => void counted.push(address);
  const { send } = await serve({}, { failedAuthentication: { ...failedAuthentication, count } });
  const { secret } = await newWorkspace(opened.store);
  const unknown = secret.slice(0, -1) + (secret.endsWith('0') ? '1' : '0');
  const headers = { authorization: `Bearer ${unknown}`, 'content-type': 'application/json' };
  expect((await send('/v2/apis.listApis', headers, 'POST')).status).toBe(401);
  expect(counted).toEqual(['127.0.0.1']);
});

test('the app is ready once every operation is compiled, and logs each change of Redis once', async () => {
  let unable: StoreUnavailable | undefined;
  const probe = async () => {
    if (unable !== undefined) throw unable;
  };
  const { isReady, warmUp, beginStopping, logged, send } = await serve({}, { probe });
  expect([await isReady(), (await send('/v2/readiness')).status]).toEqual([false, 503]);
  await warmUp();
  expect([await isReady(), (await send('/v2/readiness')).status]).toEqual([true, 200]);
  const since = logged(30).length;
  unable = new StoreUnavailable('it is out of memory');
  expect([await isReady(), await isReady(), logged(40)]).toEqual([
    false,
    false,
    [
      expect.objectContaining({
        msg: 'not ready: redis cannot serve',
        err: expect.objectContaining({ message: 'it is out of memory' }),
      }),
    ],
  ]);
  unable = undefined;
  expect([await isReady(), await isReady()]).toEqual([true, true]);
  expect(logged(30).slice(since)).toEqual([{ level: 30, msg: 'redis can serve again' }]);
  beginStopping();
  expect(await isReady()).toBe(false);
});

test.each([
  ['refuses to fetch a document from a private network, and logs that', {}, false],
  ['fetches a document from a private network if the settings say so', { OPENAPI_ALLOW_PRIVATE: 'true' }, true],
])('the app %s', async (_, env, isFetched) => {
  let requests = 0;
  const port = await listen((_req, res) => {
    requests += 1;
    res.writeHead(404).end();
  });
  const workspace = await newWorkspace(opened.store);
  const openapiUrl = `http://127.0.0.1:${port}/openapi.json`;
  const slug = await workspace.newPortal({ apiIds: [await workspace.newApi()], openapiUrl });
  const { token } = await exchangeSession(opened.store, await workspace.pend(slug, 'user_1', allOnKeys), {});
  const { send, logged } = await serve(env);
  const cookie = `__Host-portal_session=${token}`;
  expect((await send('/documentation', { cookie, accept: 'text/html' })).status).toBe(200);
  expect(requests > 0).toBe(isFetched);
  expect(logged(40)).toEqual([
    expect.objectContaining({
      msg: 'a stored OpenAPI document could not be fetched again',
      err: expect.objectContaining({ message: expect.any(String), stack: expect.any(String) }),
    }),
  ]);
});
