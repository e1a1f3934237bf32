/** The customer's OpenAPI document with real processes and a real source. The tests inspect both. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from '@jest/globals';
import type { ApiResponse } from '../../contract-tests/engine/check-response.ts';
import { send } from '../../contract-tests/engine/send.ts';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { keys } from '../../src/server/store/keys.ts';
import { namesIn } from '../support/redis-contents.ts';
import { startPatientServer } from '../support/server.ts';
import { startServerTarget } from '../support/server-target.ts';

const target = await startServerTarget({ OPENAPI_MAX_MIB: '3' });
const settings = { PORT: '0', HOST: '127.0.0.1', ...target.redisEnv, VALIDATE_RESPONSES: 'true', OPENAPI_MAX_MIB: '3' };
const [second, guarded] = await Promise.all([
  startPatientServer({ ...settings, OPENAPI_ALLOW_PRIVATE: 'true' }),
  startPatientServer(settings),
]);
const source = await startSource();
afterAll(() => Promise.all([target.stop(), second.stop(), guarded.stop(), source.stop()]));
const { rootKey } = await target.arrange('portal');

/** A source with a controlled response and a request counter, which can stop and start again at the same address. */
async function startSource() {
  const port = await freePort();
  const state = { listener: (() => {}) as RequestListener, requests: 0, server: createServer(), port };
  const start = async () => {
    state.server = createServer((req, res) => {
      state.requests++;
      state.listener(req, res);
    }).listen(port, '127.0.0.1');
    await once(state.server, 'listening');
  };
  const stop = async () => {
    state.server.closeAllConnections();
    if (state.server.listening) await new Promise((resolve) => state.server.close(resolve));
  };
  await start();
  return Object.assign(state, {
    start,
    stop,
    url: `http://localhost:${(state.server.address() as AddressInfo).port}/`,
  });
}

type Body = { data: Record<string, unknown>; error: { detail: string } };
const bodyOf = ({ body }: ApiResponse) => body as Body;
const call = (operation: string, body: unknown, bearer = '', baseUrl = target.baseUrl): Promise<ApiResponse> =>
  send(baseUrl, { method: 'post', path: `/v2/${operation}` }, { body, authorization: `Bearer ${bearer}` });

/** A portal with its document from the source, and a user with a session. */
async function newPortal(openapiUrl = source.url) {
  const slug = `portal-${Date.now()}-${Math.random().toString(36).slice(2)}`;
  const { data } = bodyOf(await call('portal.createConfiguration', { slug, openapiUrl }, rootKey));
  const grant = { slug, externalId: 'user_123', permissions: ['api.*.read_key'] };
  const { sessionId } = bodyOf(await call('portal.createSession', grant, rootKey)).data;
  const { token } = bodyOf(await call('portal.exchangeSession', { sessionId })).data;
  const key = keys.openapiDocument(target.workspaceId, String(data['portalId']));
  const get = (baseUrl?: string) => call('portal.getOpenapiDocument', {}, String(token), baseUrl);
  const age = () => target.redis.hSet(key, 'fetchedAt', String(Date.now() - 6 * 60_000));
  return { get, age, token };
}

const document = (title: string, more: object = {}) => JSON.stringify({ openapi: '3.1.0', info: { title }, ...more });
const titleOf = (response: ApiResponse) =>
  (bodyOf(response).data['document'] as { info: { title: string } }).info.title;
const detail = (reason: string) => `The OpenAPI document is unavailable: ${reason}.`;
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
}

test('its numbers arrive as they are written, also from the stored copy', async () => {
  const x = '[9223372036854775807,10.00,1e400,-0]';
  source.listener = (_req, res) => res.end(document('Numbers', { x: 0 }).replace('"x":0', `"x":${x}`));
  const { get, token } = await newPortal();
  expect(titleOf(await get())).toBe('Numbers');
  const response = await fetch(`${target.baseUrl}/v2/portal.getOpenapiDocument`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(await response.text()).toContain(`"x":${x}`);
});

test.each([
  ['gzip, deflate, br', 'gzip'],
  ['br, GZIP;q=0.5', 'gzip'],
  ['gzip;q=0', null],
  ['br', null],
  ['identity', null],
])('a large one is compressed if the client accepts it: %s', async (accepted, expected) => {
  const more = { x: 'é'.repeat(9000), y: '\n'.repeat(100) };
  source.listener = (_req, res) => res.end(document('Large', more));
  const { get, token } = await newPortal();
  const size = async (encoding: string) => {
    const response = await fetch(`${target.baseUrl}/v2/portal.getOpenapiDocument`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'accept-encoding': encoding },
    });
    const { data } = (await response.json()) as { data: { document: object } };
    expect(data.document).toMatchObject(JSON.parse(document('Large', more)));
    return [response.headers.get('content-encoding'), response.headers.get('content-length') === null];
  };
  expect(await size(accepted)).toEqual([expected, expected !== null]);
  expect(titleOf(await get())).toBe('Large');
});

test('a small one is not compressed', async () => {
  source.listener = (_req, res) => res.end(document('Small'));
  const { token } = await newPortal();
  const headers = { authorization: `Bearer ${token}`, 'accept-encoding': 'gzip' };
  const response = await fetch(`${target.baseUrl}/v2/portal.getOpenapiDocument`, { method: 'POST', headers });
  expect([response.status, response.headers.get('content-encoding')]).toEqual([200, null]);
});

test('the last good copy stays while the source is down, is stale, and is fresh again afterwards', async () => {
  source.listener = (_req, res) => res.end('openapi: 3.0.3\ninfo:\n  title: In YAML\nservers:\n  - url: /v1\n');
  const { get, age } = await newPortal();
  expect(bodyOf(await get()).data).toMatchObject({
    stale: false,
    document: { openapi: '3.0.3', info: { title: 'In YAML' }, servers: [{ url: `${source.url}v1` }] },
  });
  await source.stop();
  await age();
  expect(titleOf(await get())).toBe('In YAML');
  await until(async () => bodyOf(await get()).data['stale'] === true);
  expect(titleOf(await get(second.url))).toBe('In YAML');
  expect(target.server.log()).toContain('a stored OpenAPI document could not be fetched again');

  await source.start();
  source.listener = (_req, res) => res.end(document('Back'));
  for (const attempt of await namesIn(target.redis, '*openapi-attempt*')) await target.redis.del(attempt);
  await get();
  await until(async () => bodyOf(await get()).data['stale'] === false);
  expect(titleOf(await get())).toBe('Back');
});

test('two processes fetch the first copy once, and each refresh once', async () => {
  source.listener = (_req, res) => void setTimeout(() => res.end(document('Slow')), 400);
  source.requests = 0;
  const { get, age } = await newPortal();
  const many = () => Promise.all(Array.from({ length: 20 }, (_, i) => get(i % 2 === 0 ? target.baseUrl : second.url)));
  expect(new Set((await many()).map(titleOf))).toEqual(new Set(['Slow']));
  expect(source.requests).toBe(1);
  await age();
  expect(new Set((await many()).map(titleOf))).toEqual(new Set(['Slow']));
  await until(async () => Date.now() - Number(bodyOf(await get()).data['fetchedAt']) < 60_000);
  expect(source.requests).toBe(2);
});

test('a source can return 304 for an unchanged document', async () => {
  let whole = 0;
  source.listener = (req, res) => {
    if (req.headers['if-none-match'] === '"v1"') res.writeHead(304).end();
    else res.setHeader('ETag', '"v1"').end(document(`Whole ${++whole}`));
  };
  const { get, age } = await newPortal();
  await get();
  await age();
  await get();
  await until(async () => Date.now() - Number(bodyOf(await get()).data['fetchedAt']) < 60_000);
  expect([titleOf(await get()), whole]).toEqual(['Whole 1', 1]);
});

test('a document of the largest size is returned and validated against the contract', async () => {
  const filler = { 'x-filler': Array.from({ length: 20_000 }, (_, i) => ({ [`name ${i}`]: 'é'.repeat(40) })) };
  const text = document('Large', filler);
  const padded = `${text.slice(0, -1)}${' '.repeat(3 * 2 ** 20 - Buffer.byteLength(text))}}`;
  source.listener = (_req, res) => res.setHeader('Content-Encoding', 'gzip').end(gzipSync(padded));
  const { get } = await newPortal();
  for (const baseUrl of [undefined, second.url]) {
    const response = await get(baseUrl);
    expect([response.status, titleOf(response)]).toEqual([200, 'Large']);
    expect(JSON.stringify(bodyOf(response).data['document']).length).toBeGreaterThan(1_000_000);
  }
});

test('a hostile document does not break the server', async () => {
  const levels = 5000;
  const polluting = '{"polluted":true}';
  source.listener = (_req, res) =>
    res.end(`{"openapi":"3.1.0","info":{},"__proto__":${polluting},"constructor":{"prototype":${polluting}}}`);
  expect((await (await newPortal()).get(second.url)).status).toBe(200);
  for (const [text, reason] of [
    [
      document('Nested', { x: 0 }).replace('0}', `${'['.repeat(levels)}${']'.repeat(levels)}}`),
      'it is nested too deeply',
    ],
    [
      document('Nested', { x: 0 }).replace('0}', `${'{"a":'.repeat(levels)}1${'}'.repeat(levels + 1)}`),
      'it is nested too deeply',
    ],
    [
      `a: &a [${'lol,'.repeat(9)}]\nb: &b [${'*a,'.repeat(9)}]\nc: &c [${'*b,'.repeat(9)}]\nd: [${'*c,'.repeat(9)}]`,
      'it is not an OpenAPI document',
    ],
    ['<!doctype html><title>Log in</title>', 'it is not an OpenAPI document'],
    [' '.repeat(3 * 2 ** 20 + 1), 'it is larger than 3 MiB'],
  ] as const) {
    source.listener = (_req, res) => res.end(text);
    const response = await (await newPortal()).get(second.url);
    const start = text.slice(0, 50);
    expect([start, response.status, bodyOf(response).error.detail]).toEqual([start, 502, detail(reason)]);
  }
  const bomb = gzipSync(Buffer.alloc(2 ** 25));
  source.listener = (_req, res) => res.setHeader('Content-Encoding', 'gzip').end(bomb);
  expect(bodyOf(await (await newPortal()).get(second.url)).error.detail).toBe(detail('it is larger than 3 MiB'));
  expect(second.process.exitCode).toBeNull();
  expect(second.log()).not.toContain('"level":60');
});

test('a private address is not called unless the operator allows it, and the response does not contain it', async () => {
  source.requests = 0;
  const elsewhere = [
    source.url,
    source.url.replace('localhost', '127.0.0.1'),
    source.url.replace('localhost', '[::1]'),
  ];
  for (const url of [...elsewhere, 'https://169.254.169.254/', 'https://[::ffff:10.0.0.1]/', 'https://2130706433/']) {
    const { get } = await newPortal(url);
    const response = await get(guarded.url);
    expect([url, response.status, bodyOf(response).error.detail]).toEqual([
      url,
      502,
      detail('its address is in a private network'),
    ]);
    expect(JSON.stringify([response.body, response.headers])).not.toContain(new URL(url).host);
  }
  expect(source.requests).toBe(0);
});

test('only the log contains the cause', async () => {
  source.listener = (_req, res) => void res.writeHead(503).end('database password is hunter2');
  const { get } = await newPortal();
  for (const _ of [1, 2]) {
    expect(bodyOf(await get()).error.detail).toBe(detail('its server responded with status 503'));
  }
  const dead = await newPortal(`http://127.0.0.1:${await freePort()}/`);
  const response = await dead.get();
  expect(bodyOf(response).error.detail).toBe(detail('its server cannot be reached'));
  expect(JSON.stringify(response.body)).not.toMatch(/ECONNREFUSED|127\.0\.0\.1/);
  await until(async () => target.server.log().includes('ECONNREFUSED'));
  expect(target.server.log()).not.toContain('hunter2');
});

test('an address with a password is refused when it is set', async () => {
  const body = { slug: 'with-password', openapiUrl: 'https://user:hunter2@docs.acme.example/' };
  const response = await call('portal.createConfiguration', body, rootKey);
  expect([response.status, JSON.stringify(response.body)]).toEqual([400, expect.stringContaining('body.openapiUrl')]);
  expect(JSON.stringify(response.body)).not.toContain('hunter2');
});
