/** Session ids when the server is killed before, during and after exchangeSession. A proxy holds each moment open. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { scripts } from '../../src/server/store/scripts.ts';
import { type BadNetwork, startBadNetwork } from '../support/bad-network.ts';
import { end, type LocalRedis, startRedis, until } from '../support/redis.ts';
import { type LocalServer, startPatientServer } from '../support/server.ts';
import { operate } from '../support/shared/client.ts';
import { call, newTenant, type Reply, type Tenant } from '../support/tenant.ts';

let redis: LocalRedis;
let network: BadNetwork;
let server: LocalServer;
let tenant: Tenant;
const start = () =>
  startPatientServer({
    PORT: '0',
    HOST: '127.0.0.1',
    REDIS_URL: `redis://127.0.0.1:${network.port}`,
    NODE_ENV: 'production',
  });

beforeAll(async () => {
  redis = await startRedis();
  network = await startBadNetwork(redis.port);
  server = await start();
  // Redis has the script from now on. It could not ask for it while its replies are dropped.
  const { createSession } = await newTenant({ REDIS_URL: redis.url }, server.url);
  const { data } = await createSession(server.url);
  await exchange(String(data['sessionId']));
});
beforeEach(async () => {
  tenant = await newTenant({ REDIS_URL: redis.url }, server.url);
});
afterAll(async () => {
  await server.stop();
  network.stop();
  await redis.stop();
});

const ids = 20;

/** Creates sessions, and returns their ids. */
const createSessions = async () =>
  (await Promise.all(Array.from({ length: ids }, () => tenant.createSession(server.url)))).map(({ data }) =>
    String(data['sessionId']),
  );

/** The same id with the same Idempotency-Key is the same exchange, no matter how often it is sent. */
const exchange = (sessionId: string) =>
  call(server.url, 'portal.exchangeSession', '', { sessionId }, { 'idempotency-key': `the key of ${sessionId}` });

/** The states of all sessions of the tenant, without the server. */
const states = async () =>
  (
    await operate<{ state: string }[]>(
      redis.url,
      'session',
      'list',
      '--workspace',
      tenant.workspaceId,
      '--slug',
      'my-portal',
    )
  ).map(({ state }) => state);
const all = <T>(value: T): T[] => Array.from({ length: ids }, () => value);

async function killAndStart(): Promise<void> {
  await end(server.process, 'SIGKILL');
  network.set('open');
  server = await start();
}

/** Exchanges the ids again, and returns the tokens, each of which must work. */
async function tokensOfRetry(sessionIds: string[]): Promise<unknown[]> {
  const replies = await Promise.all(sessionIds.map(exchange));
  expect(replies.map(({ status }) => status)).toEqual(all(200));
  const tokens = replies.map(({ data }) => String(data['token']));
  const reads = await Promise.all(tokens.map((token) => call(server.url, 'portal.getSession', token, {})));
  expect(reads.map(({ status }) => status)).toEqual(all(200));
  expect(await states()).toEqual(all('active'));
  return tokens;
}

test('killed before Redis gets the exchange: the id is not spent', async () => {
  const sessionIds = await createSessions();
  network.set('blackhole');
  const replies = Promise.all(sessionIds.map(exchange));
  const hash = String(scripts.exchangeSession.SHA1);
  await until('every exchange is sent', async () => network.dropped().split(hash).length === ids + 1);
  expect(await states()).toEqual(all('pending'));
  await killAndStart();
  expect((await replies).map(({ status }) => status)).toEqual(all(0));
  expect(await states()).toEqual(all('pending'));
  await tokensOfRetry(sessionIds);
});

test('killed between the exchange in Redis and the response: a retry gets the session', async () => {
  const sessionIds = await createSessions();
  network.set('unanswered');
  const replies = Promise.all(sessionIds.map(exchange));
  await until('every id is exchanged', async () => (await states()).every((state) => state === 'active'));
  await killAndStart();
  expect((await replies).map(({ status }) => status)).toEqual(all(0));
  await tokensOfRetry(sessionIds);
});

test('killed after the response: the session stays, and a retry gets the same token', async () => {
  const sessionIds = await createSessions();
  const replies: Reply[] = await Promise.all(sessionIds.map(exchange));
  await killAndStart();
  expect(replies.map(({ status }) => status)).toEqual(all(200));
  expect(await tokensOfRetry(sessionIds)).toEqual(replies.map(({ data }) => data['token']));
});
