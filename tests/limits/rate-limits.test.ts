/** Rate limits on real servers with one Redis: exact across processes, and never disabled by a failure of Redis. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createClient } from 'redis';
import { type LocalRedis, startRedis } from '../support/redis.ts';
import { type LocalServer, startPatientServer, startServer } from '../support/server.ts';
import { operate } from '../support/shared/client.ts';

const limits = { RATE_LIMIT_ROOT_KEY: '40', RATE_LIMIT_SESSION: '30', RATE_LIMIT_EXCHANGE: '20' };

const addressLimits = { RATE_LIMIT_FAILED_AUTHENTICATION: '5', RATE_LIMIT_PAGES: '5' };

let redis: LocalRedis;
let servers: LocalServer[];
let unlimited: LocalServer;
let behindProxy: LocalServer;
let reader: ReturnType<typeof createClient>;

beforeAll(async () => {
  redis = await startRedis();
  const env = { PORT: '0', HOST: '127.0.0.1', REDIS_URL: redis.url };
  [unlimited, behindProxy, ...servers] = await Promise.all([
    // It borrows no calls of root keys from the others.
    startPatientServer({ ...env, RATE_LIMIT_ROOT_KEY: '0' }),
    startPatientServer({ ...env, ...limits, ...addressLimits, TRUST_PROXY: '1' }),
    startPatientServer({ ...env, ...limits }),
    startPatientServer({ ...env, ...limits }),
  ]);
  reader = createClient({ url: redis.url });
  await reader.connect();
});
afterAll(async () => {
  reader.destroy();
  await Promise.all([unlimited, behindProxy, ...servers].map((server) => server.stop()));
  await redis.stop();
});

interface Result {
  status: number;
  headers: Headers;
  type: string | undefined;
  data: Record<string, string>;
}

async function call(
  server: LocalServer | undefined,
  operation: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Result> {
  const response = await fetch(`${server?.url}/v2/${operation}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const { error, data } = (await response.json()) as { error?: { type: string }; data: Result['data'] };
  return { status: response.status, headers: response.headers, type: error?.type.split('/').at(-1), data };
}

const bearer = (credential: string) => ({ authorization: `Bearer ${credential}` });
const grant = { slug: 'my-portal', externalId: 'u', permissions: ['api.*.read_key'] };

/** The tag of no workspace, as credentials have it, and the handle of no session. */
const [tag, handle] = ['w'.repeat(12), `00${'h'.repeat(20)}`];

/** Creates a workspace with a portal, without any HTTP request. */
async function newWorkspace(): Promise<{ workspaceId: string; rootKey: string; rootKeyId: string }> {
  const workspace = await operate<{ workspaceId: string; rootKey: string; rootKeyId: string }>(
    redis.url,
    ...['workspace', 'create', '--name', 'Acme'],
  );
  await operate(redis.url, 'portal', 'create', '--workspace', workspace.workspaceId, '--slug', 'my-portal');
  return workspace;
}

async function newSession(rootKey: string): Promise<string> {
  const { data } = await call(unlimited, 'portal.createSession', grant, bearer(rootKey));
  const exchanged = await call(unlimited, 'portal.exchangeSession', { sessionId: data['sessionId'] });
  return String(exchanged.data['token']);
}

/** Sends this many requests at once, alternating between the two servers. */
const race = (count: number, send: (server: LocalServer | undefined, i: number) => Promise<Result>) =>
  Promise.all(Array.from({ length: count }, (_, i) => send(servers[i % 2], i)));

const passed = (responses: Result[]) => responses.filter(({ status }) => status !== 429);

/** The header of one client address. Tests use different addresses, so they do not share limits. */
const from = (address: string) => ({ 'x-forwarded-for': address });

describe('two processes that have not seen the credential together allow exactly the limit', () => {
  test.each([
    ['an operation that verifies the root key in its own script', 'portal.createSession', grant],
    ['an operation that verifies the root key in a separate call', 'apis.listApis', {}],
  ])('for one root key: %s', async (_, operation, body) => {
    const { rootKey } = await newWorkspace();
    const responses = await race(100, (server) => call(server, operation, body, bearer(rootKey)));
    expect(passed(responses).map(({ status }) => status)).toEqual(Array(40).fill(200));
    const other = await newWorkspace();
    expect((await call(servers[0], operation, body, bearer(other.rootKey))).status).toBe(200);
  });

  test('for one browser session', async () => {
    const { rootKey } = await newWorkspace();
    const token = await newSession(rootKey);
    const responses = await race(80, (server) => call(server, 'portal.getSession', {}, bearer(token)));
    expect(passed(responses)).toHaveLength(30);
    const another = await newSession(rootKey);
    expect((await call(servers[0], 'portal.getSession', {}, bearer(another))).status).toBe(200);
  });

  test('a refused request has no effect', async () => {
    const { rootKey, workspaceId } = await newWorkspace();
    const responses = await race(100, (server) => call(server, 'portal.createSession', grant, bearer(rootKey)));
    const entries = await operate<{ action: string }[]>(
      redis.url,
      ...['audit', 'list', '--workspace', workspaceId, '--limit', '100'],
    );
    const created = entries.filter(({ action }) => action === 'session.create');
    expect(responses.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(60);
    expect(created).toHaveLength(responses.filter(({ status }) => status === 200).length);
  });
});

describe('a call that is refused counts like any other', () => {
  /** Bodies that are refused at each step: their size, their type, their syntax, their limits, their schema. */
  const refused: [status: number, body: string, type?: string][] = [
    [413, JSON.stringify('x'.repeat(103_000))],
    [415, '{}', 'text/plain'],
    [400, '{'],
    [400, JSON.stringify(Array(1001).fill(0))],
    [400, JSON.stringify({ surprise: 1 })],
  ];
  const inTurn = (count: number) =>
    Array.from({ length: count / refused.length + 1 }, () => refused)
      .flat()
      .slice(0, count);
  const statuses = async (count: number, operation: string, headers: Record<string, string>) => {
    const results: [number, number][] = [];
    for (const [status, body, type = 'application/json'] of inTurn(count)) {
      const url = `${behindProxy.url}/v2/${operation}`;
      const response = await fetch(url, { method: 'POST', headers: { 'content-type': type, ...headers }, body });
      results.push([status, response.status]);
    }
    return results;
  };

  test('for each kind of credential', async () => {
    const { rootKey } = await newWorkspace();
    const token = await newSession(rootKey);
    // Once valid, the root key is in the cache of the process.
    await call(behindProxy, 'portal.createSession', grant, bearer(rootKey));
    const rows: [operation: string, left: number, headers: Record<string, string>][] = [
      ['portal.createSession', 39, bearer(rootKey)],
      ['portal.getSession', 30, bearer(token)],
      ['portal.exchangeSession', 20, from('192.0.2.77')],
    ];
    for (const [operation, left, headers] of rows) {
      const results = await statuses(left, operation, headers);
      expect([operation, results.map(([, status]) => status)]).toEqual([operation, results.map(([wanted]) => wanted)]);
      const over = await statuses(refused.length, operation, headers);
      expect([operation, over.map(([, status]) => status)]).toEqual([operation, Array(refused.length).fill(429)]);
    }
    const valid = { sessionId: 'pst_unknownUnknownUnknownUnknownUnknown' };
    expect((await call(behindProxy, 'portal.exchangeSession', valid, from('192.0.2.77'))).status).toBe(429);
    expect((await call(behindProxy, 'portal.exchangeSession', {}, from('192.0.2.78'))).status).toBe(400);
  });
});

describe('the rate limiter', () => {
  test('returns 429 with Retry-After and the state of the limit', async () => {
    const { rootKey } = await newWorkspace();
    const responses = await race(41, (server) => call(server, 'apis.listApis', {}, bearer(rootKey)));
    const refused = responses.find(({ status }) => status === 429);
    expect(refused?.type).toBe('rate_limited');
    const header = (name: string) => Number(refused?.headers.get(name));
    expect([header('ratelimit-limit'), header('ratelimit-remaining')]).toEqual([40, 0]);
    expect(header('retry-after')).toBeGreaterThanOrEqual(55);
    expect(header('retry-after')).toBeLessThanOrEqual(60);
    expect(header('ratelimit-reset')).toBe(header('retry-after'));
  });

  test('stores nothing for unknown credentials', async () => {
    const before = (await reader.keys('*calls*')).length;
    for (const secret of ['a', 'b', 'c']) {
      const made = secret.repeat(32);
      expect((await call(servers[0], 'apis.listApis', {}, bearer(`rk_${tag}${made}`))).status).toBe(401);
      expect((await call(servers[0], 'portal.getSession', {}, bearer(`ps_${tag}${handle}${made}`))).status).toBe(401);
    }
    expect(await reader.keys('*calls*')).toHaveLength(before);
  });
});

describe('exchanges', () => {
  const guess = (server: LocalServer | undefined, headers = {}) =>
    call(server, 'portal.exchangeSession', { sessionId: `pst_${randomUUID()}` }, headers);

  test('are counted by client address, which a trusted proxy reports', async () => {
    const statuses = [];
    for (let i = 0; i < 22; i++) statuses.push((await guess(behindProxy, from('203.0.113.7'))).status);
    expect(statuses).toEqual([...Array(20).fill(401), 429, 429]);
    expect((await guess(behindProxy, from('203.0.113.8'))).status).toBe(401);
    // The proxy appends the address that it sees. The client can forge every entry before it.
    expect((await guess(behindProxy, from('198.51.100.1, 203.0.113.7'))).status).toBe(429);
  });

  test('without TRUST_PROXY a header cannot change the client address', async () => {
    const [server] = servers;
    await Promise.all(Array.from({ length: 20 }, (_, i) => guess(server, from(`192.0.2.${i}`))));
    expect((await guess(server, from('192.0.2.99'))).status).toBe(429);
  });
});

describe('failed authentications', () => {
  const made = `${tag}${handle}${'a'.repeat(32)}`;
  const [unknownKey, unknownToken] = [bearer(`rk_${tag}${'a'.repeat(32)}`), bearer(`ps_${made}`)];

  test('are counted by client address, and then refused, but not with a credential that was valid before', async () => {
    const { rootKey } = await newWorkspace();
    const [token, second] = [await newSession(rootKey), await newSession(rootKey)];
    const here = from('203.0.113.20');
    const status = async (operation: string, headers: Record<string, string>) =>
      (await call(behindProxy, operation, {}, { ...here, ...headers })).status;
    const list = (headers: Record<string, string>) => status('apis.listApis', headers);
    const look = (headers: Record<string, string>) => status('portal.getSession', headers);
    expect([await list(bearer(rootKey)), await look(bearer(token))]).toEqual([200, 200]);
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push(await list(unknownKey), await look(unknownToken));
    expect(statuses).toEqual([...Array(5).fill(401), ...Array(3).fill(429)]);
    // What was refused before Redis was asked is not counted.
    expect(await reader.get('portico:failed-calls:203.0.113.20')).toBe('6');
    expect([await list(bearer(rootKey)), await look(bearer(token))]).toEqual([200, 200]);
    expect(await look(bearer(second))).toBe(429);
    const page = await fetch(`${behindProxy.url}/keys`, {
      headers: { ...here, cookie: `portal_session=${second}` },
      redirect: 'manual',
    });
    expect(page.status).toBe(429);
    const elsewhere = { ...bearer(second), ...from('203.0.113.21') };
    expect((await call(behindProxy, 'portal.getSession', {}, elsewhere)).status).toBe(200);
    expect(await reader.exists('portico:failed-calls:203.0.113.21')).toBe(0);
  });

  test('are counted for pages too, and a browser gets a page', async () => {
    const ask = (path: string) =>
      fetch(`${behindProxy.url}${path}`, {
        headers: { ...from('203.0.113.22'), accept: 'text/html', cookie: `portal_session=ps_${made}` },
      });
    for (let i = 0; i < 5; i++)
      await call(behindProxy, 'apis.listApis', {}, { ...unknownKey, ...from('203.0.113.22') });
    const page = await ask('/keys');
    expect([page.status, page.headers.get('ratelimit-limit')]).toEqual([429, '5']);
    expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(50);
    expect(await page.text()).toContain('<h1>Too many requests</h1>');
  });
});

test('pages are counted by client address', async () => {
  const ask = async (path: string, address: string, accept: string) =>
    fetch(`${behindProxy.url}${path}`, { headers: { ...from(address), accept } });
  const statuses = [];
  for (const path of [
    '/',
    '/?session=pst_none',
    '/docs',
    '/keys',
    '/nowhere',
    '/docs/quickstart',
    '/?session=pst_none',
  ])
    statuses.push((await ask(path, '203.0.113.30', 'text/html')).status);
  expect(statuses).toEqual([401, 200, 200, 401, 404, 429, 429]);
  const forProgram = await ask('/openapi.json', '203.0.113.30', '*/*');
  expect([forProgram.status, forProgram.headers.get('cache-control')]).toEqual([429, 'no-store']);
  expect(((await forProgram.json()) as { error: { type: string } }).error.type).toMatch(/rate_limited$/);
  expect((await ask('/docs', '203.0.113.31', 'text/html')).status).toBe(200);
  // Operations have their own limits.
  expect((await ask('/v2/liveness', '203.0.113.30', '*/*')).status).toBe(200);
});

test('a failed Redis leads to 503, not to unlimited requests', async () => {
  const own = await startRedis();
  const server = await startServer({ PORT: '0', HOST: '127.0.0.1', REDIS_URL: own.url, ...limits });
  await own.stop();
  const responses = [
    await call(server, 'portal.exchangeSession', { sessionId: 'pst_none' }),
    await call(server, 'apis.listApis', {}, bearer(`rk_${tag}${'w'.repeat(32)}`)),
    await call(server, 'portal.getSession', {}, bearer(`ps_${tag}${handle}${'w'.repeat(32)}`)),
  ];
  expect(responses.map(({ status }) => status)).toEqual([503, 503, 503]);
  await server.stop();
});
