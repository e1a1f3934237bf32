/** Limits on real servers with one Redis: exact across processes, never forgotten, and never an open door. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createClient } from 'redis';
import { type LocalRedis, startRedis } from '../support/redis.ts';
import { type LocalServer, startPatientServer, startServer } from '../support/server.ts';
import { operate } from '../support/shared/client.ts';

const limits = { RATE_LIMIT_ROOT_KEY: '40', RATE_LIMIT_SESSION: '30', RATE_LIMIT_EXCHANGE: '20' };

let redis: LocalRedis;
let servers: LocalServer[];
let unlimited: LocalServer;
let behindProxy: LocalServer;
let reader: ReturnType<typeof createClient>;

beforeAll(async () => {
  redis = await startRedis();
  const env = { PORT: '0', HOST: '127.0.0.1', REDIS_URL: redis.url };
  [unlimited, behindProxy, ...servers] = await Promise.all([
    startPatientServer(env),
    startPatientServer({ ...env, ...limits, TRUST_PROXY: '1' }),
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

interface Answer {
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
): Promise<Answer> {
  const response = await fetch(`${server?.url}/v2/${operation}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const { error, data } = (await response.json()) as { error?: { type: string }; data: Answer['data'] };
  return { status: response.status, headers: response.headers, type: error?.type.split('/').at(-1), data };
}

const bearer = (credential: string) => ({ authorization: `Bearer ${credential}` });
const grant = { slug: 'my-portal', externalId: 'u', permissions: ['api.*.read_key'] };

/** A workspace with a portal. Only the command line's own calls have been made. */
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

/** Sends so many at once, to both servers by turns. */
const race = (count: number, send: (server: LocalServer | undefined, i: number) => Promise<Answer>) =>
  Promise.all(Array.from({ length: count }, (_, i) => send(servers[i % 2], i)));

const passed = (answers: Answer[]) => answers.filter(({ status }) => status !== 429);

/** Of one address, so that no test is in another's way: each of these is another client's. */
const from = (address: string) => ({ 'x-forwarded-for': address });

describe('over two processes that have not seen the credential before a limit lets through exactly its number', () => {
  test.each([
    ['an operation that proves the root key itself', 'portal.createSession', grant],
    ['an operation that asks first', 'apis.listApis', {}],
  ])('with one root key: %s', async (_, operation, body) => {
    const { rootKey } = await newWorkspace();
    const answers = await race(100, (server) => call(server, operation, body, bearer(rootKey)));
    expect(passed(answers).map(({ status }) => status)).toEqual(Array(40).fill(200));
    const other = await newWorkspace();
    expect((await call(servers[0], operation, body, bearer(other.rootKey))).status).toBe(200);
  });

  test('in one browser session', async () => {
    const { rootKey } = await newWorkspace();
    const token = await newSession(rootKey);
    const answers = await race(80, (server) => call(server, 'portal.getSession', {}, bearer(token)));
    expect(passed(answers)).toHaveLength(30);
    const another = await newSession(rootKey);
    expect((await call(servers[0], 'portal.getSession', {}, bearer(another))).status).toBe(200);
  });

  test('what is refused is not done', async () => {
    const { rootKey, workspaceId } = await newWorkspace();
    const answers = await race(100, (server) => call(server, 'portal.createSession', grant, bearer(rootKey)));
    const entries = await operate<{ action: string }[]>(
      redis.url,
      ...['audit', 'list', '--workspace', workspaceId, '--limit', '100'],
    );
    const minted = entries.filter(({ action }) => action === 'session.create');
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(60);
    expect(minted).toHaveLength(answers.filter(({ status }) => status === 200).length);
  });
});

describe('a refusal', () => {
  test('says when to come again, and how it stands', async () => {
    const { rootKey } = await newWorkspace();
    const answers = await race(41, (server) => call(server, 'apis.listApis', {}, bearer(rootKey)));
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.type).toBe('rate_limited');
    const header = (name: string) => Number(refused?.headers.get(name));
    expect([header('ratelimit-limit'), header('ratelimit-remaining')]).toEqual([40, 0]);
    expect(header('retry-after')).toBeGreaterThanOrEqual(55);
    expect(header('retry-after')).toBeLessThanOrEqual(60);
    expect(header('ratelimit-reset')).toBe(header('retry-after'));
  });

  test('every key that counts lives for a minute at most, and holds no credential', async () => {
    const { rootKey } = await newWorkspace();
    await call(servers[0], 'portal.createSession', grant, bearer(rootKey));
    await call(servers[0], 'portal.getSession', {}, bearer(await newSession(rootKey)));
    await call(servers[0], 'portal.exchangeSession', { sessionId: 'pst_none' });
    const names = (await reader.keys('*')).filter((name) => /calls/.test(name));
    expect(names.length).toBeGreaterThanOrEqual(3);
    for (const name of names) {
      const ttl = await reader.ttl(name);
      expect(ttl).toBeGreaterThan(0);
      expect(ttl).toBeLessThanOrEqual(60);
    }
    expect(names.join()).not.toContain(rootKey);
  });

  test('credentials that are none leave nothing behind', async () => {
    const before = (await reader.keys('*calls*')).length;
    for (const secret of ['a', 'b', 'c']) {
      const made = `${'w'.repeat(12)}${secret.repeat(32)}`;
      expect((await call(servers[0], 'apis.listApis', {}, bearer(`rk_${made}`))).status).toBe(401);
      expect((await call(servers[0], 'portal.getSession', {}, bearer(`ps_${made}`))).status).toBe(401);
    }
    expect(await reader.keys('*calls*')).toHaveLength(before);
  });
});

describe('exchanges', () => {
  const guess = (server: LocalServer | undefined, headers = {}) =>
    call(server, 'portal.exchangeSession', { sessionId: `pst_${randomUUID()}` }, headers);

  test('are counted by the address of the client, which a proxy tells where it is trusted', async () => {
    const statuses = [];
    for (let i = 0; i < 22; i++) statuses.push((await guess(behindProxy, from('203.0.113.7'))).status);
    expect(statuses).toEqual([...Array(20).fill(401), 429, 429]);
    expect((await guess(behindProxy, from('203.0.113.8'))).status).toBe(401);
    // The proxy appends what it sees; whatever stands before it the client has made up.
    expect((await guess(behindProxy, from('198.51.100.1, 203.0.113.7'))).status).toBe(429);
  });

  test('of one IPv6 network are one client’s', async () => {
    for (let i = 0; i < 20; i++) await guess(behindProxy, from(`2001:db8:0:1::${i}`));
    expect((await guess(behindProxy, from('2001:db8:0:1:ffff::1'))).status).toBe(429);
    expect((await guess(behindProxy, from('2001:db8:0:2::1'))).status).toBe(401);
  });

  test('without TRUST_PROXY nobody can be another by a header', async () => {
    const [server] = servers;
    await Promise.all(Array.from({ length: 20 }, (_, i) => guess(server, from(`192.0.2.${i}`))));
    expect((await guess(server, from('192.0.2.99'))).status).toBe(429);
  });

  test('an id that is good is never lost to a limit', async () => {
    const { rootKey } = await newWorkspace();
    const minted = await Promise.all(
      Array.from({ length: 40 }, () => call(unlimited, 'portal.createSession', grant, bearer(rootKey))),
    );
    const ids = minted.map(({ data }) => data['sessionId']);
    const send = (sessionId: string | undefined) =>
      call(behindProxy, 'portal.exchangeSession', { sessionId }, from('203.0.113.50'));
    const answers = await Promise.all(ids.map(send));
    for (const [i, { status }] of answers.entries()) {
      if (status === 429)
        expect(await call(unlimited, 'portal.exchangeSession', { sessionId: ids[i] })).toMatchObject({ status: 200 });
      else expect(status).toBe(200);
    }
    expect((await send('pst_none')).status).toBe(429);
  });
});

describe('a root key that a process remembers', () => {
  const warm = async () => {
    const workspace = await newWorkspace();
    for (const server of servers) await call(server, 'portal.createSession', grant, bearer(workspace.rootKey));
    return workspace;
  };
  const revoke = ({ workspaceId, rootKeyId }: { workspaceId: string; rootKeyId: string }) =>
    operate(redis.url, 'root-key', 'revoke', '--workspace', workspaceId, '--root-key-id', rootKeyId);

  test.each([
    ['a call in order', 'portal.createSession', grant],
    ['a call that is not, which it must learn nothing of', 'portal.createSession', { surprise: true }],
    ['a verification', 'keys.verifyKey', { key: 'none' }],
  ])('is refused by the next call once it is revoked: %s', async (_, operation, body) => {
    const workspace = await warm();
    await revoke(workspace);
    const answers = await race(2, (server) => call(server, operation, body, bearer(workspace.rootKey)));
    expect(answers.map(({ status, type }) => [status, type])).toEqual(Array(2).fill([401, 'key_not_found']));
  });

  test('is refused with an Idempotency-Key that it has used', async () => {
    const workspace = await warm();
    const headers = { ...bearer(workspace.rootKey), 'idempotency-key': randomUUID() };
    expect((await call(servers[0], 'portal.createSession', grant, headers)).status).toBe(200);
    await revoke(workspace);
    expect((await call(servers[0], 'portal.createSession', grant, headers)).status).toBe(401);
  });

  test('is refused while its workspace is disabled, and good again after', async () => {
    const { workspaceId, rootKey } = await warm();
    await operate(redis.url, 'workspace', 'disable', '--workspace', workspaceId);
    expect((await call(servers[0], 'portal.createSession', grant, bearer(rootKey))).type).toBe('workspace_disabled');
    await operate(redis.url, 'workspace', 'enable', '--workspace', workspaceId);
    expect((await call(servers[0], 'portal.createSession', grant, bearer(rootKey))).status).toBe(200);
  });
});

test('where Redis fails, the answer is 503 and no open door', async () => {
  const own = await startRedis();
  const server = await startServer({ PORT: '0', HOST: '127.0.0.1', REDIS_URL: own.url, ...limits });
  await own.stop();
  const answers = [
    await call(server, 'portal.exchangeSession', { sessionId: 'pst_none' }),
    await call(server, 'apis.listApis', {}, bearer(`rk_${'w'.repeat(44)}`)),
    await call(server, 'portal.getSession', {}, bearer(`ps_${'w'.repeat(44)}`)),
  ];
  expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
  await server.stop();
});
