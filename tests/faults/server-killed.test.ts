/** Session ids while the server is killed during exchangeSession. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { end, type LocalRedis, startRedis } from '../support/redis.ts';
import { type LocalServer, startServer } from '../support/server.ts';
import { call, newTenant, type Tenant } from '../support/tenant.ts';
import { wait } from './judge.ts';

let redis: LocalRedis;
let server: LocalServer;
let tenant: Tenant;
const start = () => startServer({ PORT: '0', HOST: '127.0.0.1', REDIS_URL: redis.url, NODE_ENV: 'production' });

beforeAll(async () => {
  redis = await startRedis();
  server = await start();
  tenant = await newTenant({ REDIS_URL: redis.url }, server.url);
});
afterAll(async () => {
  await server.stop();
  await redis.stop();
});

const rounds = 6;
const ids = 40;

/** The state of a user's only session, from listSessions: pending, active or undefined. */
async function stateOf(externalId: string): Promise<unknown> {
  const { data } = await call(server.url, 'portal.listSessions', tenant.rootKey, { externalId });
  const [session] = data as unknown as { state: string }[];
  return session?.state;
}

test(`killed ${rounds} times during exchangeSession: a retry gets the session, whether or not the first call completed`, async () => {
  const outcomes = { answered: 0, redeemable: 0, unanswered: 0 };
  for (let round = 0; round < rounds; round++) {
    const created = await Promise.all(Array.from({ length: ids }, () => tenant.createSession(server.url)));
    // The same id with the same Idempotency-Key is the same exchange, no matter how often it is sent.
    const exchange = (sessionId: unknown) =>
      call(server.url, 'portal.exchangeSession', '', { sessionId }, { 'idempotency-key': `the key of ${sessionId}` });
    const exchanged = Promise.all(created.map(({ data }) => exchange(data['sessionId'])));
    await wait(Math.random() * 40);
    await end(server.process, 'SIGKILL');
    const replies = await exchanged;
    server = await start();

    for (const [i, reply] of replies.entries()) {
      const { sessionId } = created[i]?.data ?? {};
      const externalId = String(created[i]?.externalId);
      if (reply.status === 200) {
        outcomes.answered++;
        expect((await call(server.url, 'portal.getSession', String(reply.data['token']), {})).status).toBe(200);
        continue;
      }
      const state = await stateOf(externalId);
      expect(['pending', 'active']).toContain(state);
      if (state === 'pending') outcomes.redeemable++;
      else outcomes.unanswered++;
      // A retry gets the session, whether or not the first call completed.
      const again = await exchange(sessionId);
      expect(again.status).toBe(200);
      expect((await call(server.url, 'portal.getSession', String(again.data['token']), {})).status).toBe(200);
    }
  }
  // The test proves something only if some kills came before a response.
  expect(outcomes.answered + outcomes.redeemable + outcomes.unanswered).toBe(rounds * ids);
  expect(outcomes.redeemable + outcomes.unanswered).toBeGreaterThan(0);
});
