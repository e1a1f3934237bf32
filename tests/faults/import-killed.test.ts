/** An import of keys while its server is killed, and while Redis is: the client sends the request again, and every key is there once. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { end, type LocalRedis, startRedis, until } from '../support/redis.ts';
import { type LocalServer, startServer } from '../support/server.ts';
import { operate } from '../support/shared/client.ts';
import { bytesIn, contentsOf, openStore, quotaIn, userBytesIn, userTotalsIn } from '../support/store.ts';
import { call } from '../support/tenant.ts';

let directory: string;
let port: number;
let redis: LocalRedis;
let servers: LocalServer[];
let workspaceId: string;
let rootKey: string;
let apiId: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'portico-import-'));
  port = await freePort();
  redis = await startRedis({ directory, port });
  const settings = { PORT: '0', HOST: '127.0.0.1', REDIS_URL: redis.url, NODE_ENV: 'production' };
  servers = await Promise.all([1, 2].map(() => startServer(settings)));
  ({ workspaceId, rootKey } = await operate<{ workspaceId: string; rootKey: string }>(
    { REDIS_URL: redis.url },
    'workspace',
    'create',
    '--name',
    'Acme',
  ));
  const api = await call(urlOf(1), 'apis.createApi', rootKey, { name: 'API', policy: { scopes: ['read'] } });
  apiId = String(api.data['apiId']);
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await redis.stop();
  await rm(directory, { recursive: true });
});

const urlOf = (server: number) => String(servers[server]?.url);
const perRequest = 500;
const usersOf = 40;
const keyOf = (i: number) => `old_${i}`;
/** As many keys as a request can have, from this number on. Nearly all have a forward in another partition than their user. */
const batchFrom = (first: number) =>
  Array.from({ length: perRequest }, (_, j) => ({
    hash: createHash('sha256')
      .update(keyOf(first + j))
      .digest('base64'),
    start: 'old_',
    externalId: `user ${(first + j) % usersOf}`,
    expires: 4_070_908_800_000,
    scopes: ['read'],
  }));
type Results = { status: string; keyId: string }[];
const importOn = (server: number, first: number) =>
  call(urlOf(server), 'keys.importKeys', rootKey, { apiId, keys: batchFrom(first) });

/** Sends the request until it succeeds, as a client does. `before` is how many keys there were before the request that succeeded. */
async function importAgain(first: number): Promise<{ before: number; statuses: string[] }> {
  let before = await settled();
  let reply = await importOn(1, first);
  await until('the import succeeds', async () => {
    if (reply.status === 200) return true;
    before = await settled();
    reply = await importOn(1, first);
    return reply.status === 200;
  });
  return { before, statuses: (reply.data['keys'] as Results).map(({ status }) => status) };
}

/** How many keys the list of the API has, and how many of them are different. */
async function listed(): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
    const body = JSON.stringify({ apiId, limit: 100, ...(cursor !== undefined && { cursor }) });
    const headers = { authorization: `Bearer ${rootKey}`, 'content-type': 'application/json' };
    const response = await fetch(`${urlOf(1)}/v2/apis.listKeys`, { method: 'POST', headers, body });
    const page = (await response.json()) as { data: { keyId: string }[]; pagination: { cursor?: string } };
    ids.push(...page.data.map(({ keyId }) => keyId));
    cursor = page.pagination.cursor;
  }
  return ids;
}

/** Looks at everything that Redis has: the first `many` keys are there once, with all their entries, and counted. */
async function expectWhole(many: number): Promise<void> {
  const ids = await listed();
  expect([ids.length, new Set(ids).size]).toEqual([many, many]);
  for (let first = 0; first < many; first += 100) {
    const keys = Array.from({ length: 100 }, (_, j) => ({ key: keyOf(first + j) }));
    const { data } = await call(urlOf(1), 'keys.verifyKeys', rootKey, { keys });
    const codes = (data['verifications'] as { code: string; externalId: string }[]).map(
      ({ code, externalId }, j) => code === 'VALID' && externalId === `user ${(first + j) % usersOf}`,
    );
    expect(codes).toEqual(keys.map(() => true));
  }
  const opened = await openStore({ on: redis });
  try {
    const contents = await contentsOf(opened, workspaceId);
    const partsOf = (kind: string) => Object.keys(contents).filter((name) => name.startsWith(`${kind}:`)).length;
    const kinds = [
      'api-key',
      'key-id',
      'api-key-order',
      'key-ends',
      'user-key-order',
      'user-key-ends',
      'user-key-expiry',
    ];
    expect(Object.fromEntries(kinds.map((kind) => [kind, partsOf(kind)]))).toEqual(
      Object.fromEntries(kinds.map((kind) => [kind, many])),
    );
    expect([quotaIn(contents), userTotalsIn(contents)]).toEqual([bytesIn(contents), userBytesIn(contents)]);
    expect(Object.fromEntries(await opened.store.scopes.counts(workspaceId, apiId))).toEqual({ read: many });
    const entries = await operate<unknown[]>(
      { REDIS_URL: redis.url },
      ...['audit', 'list', '--workspace', workspaceId, '--action', 'key.import', '--limit', '1000'],
    );
    expect(entries).toHaveLength(many);
  } finally {
    await opened.stop();
  }
}

/** How many records of keys Redis has. */
async function recorded(opened: Awaited<ReturnType<typeof openStore>>): Promise<number> {
  return (await opened.redis.keys(`portico:*:${workspaceId}:key-id:*`)).length;
}

/** How many records of keys Redis has, when it has done all that a server had sent. */
async function settled(): Promise<number> {
  const opened = await openStore({ on: redis });
  let found = 0;
  await until('Redis has done all that a server had sent', async () => {
    const earlier = found;
    found = await recorded(opened);
    await new Promise((resolve) => setTimeout(resolve, 100));
    return found === earlier;
  });
  await opened.stop();
  return found;
}

test('the server is killed in the middle: another one completes the import, and nothing is there twice', async () => {
  const opened = await openStore({ on: redis });
  const first = importOn(0, 0);
  await until('some keys are there', async () => (await recorded(opened)) > 0);
  await end((servers[0] as LocalServer).process, 'SIGKILL');
  expect((await first).status).toBe(0);
  await opened.stop();
  const left = await settled();
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThan(perRequest);
  const { before, statuses } = await importAgain(0);
  expect(before).toBeGreaterThanOrEqual(left);
  expect(statuses.filter((status) => status === 'exists')).toHaveLength(before);
  expect(statuses.filter((status) => status === 'created')).toHaveLength(perRequest - before);
  await expectWhole(perRequest);
});

test('Redis is killed in the middle: what it has acknowledged stays, and the repeated request completes the import', async () => {
  const opened = await openStore({ on: redis });
  const first = importOn(1, perRequest);
  await until('some keys are there', async () => (await recorded(opened)) > perRequest);
  await end(redis.process, 'SIGKILL');
  const { status } = await first;
  await opened.stop();
  expect(status).toBe(503);
  redis = await startRedis({ directory, port });
  const { statuses } = await importAgain(perRequest);
  expect(new Set(statuses)).toEqual(new Set(['exists', 'created']));
  await expectWhole(2 * perRequest);
});
