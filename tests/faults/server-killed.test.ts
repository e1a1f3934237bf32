/** What becomes of session ids when the server is killed while it exchanges them. */
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

/** What the workspace's backend is told of a user's one session: pending, active, or nothing. */
async function stateOf(externalId: string): Promise<unknown> {
  const { data } = await call(server.url, 'portal.listSessions', tenant.rootKey, { externalId });
  const [session] = data as unknown as { state: string }[];
  return session?.state;
}

test(`killed ${rounds} times mid-exchange: whoever sends an exchange again gets the session, done or not`, async () => {
  const outcomes = { answered: 0, redeemable: 0, unheard: 0 };
  for (let round = 0; round < rounds; round++) {
    const minted = await Promise.all(Array.from({ length: ids }, () => tenant.mint(server.url)));
    // The same id with the same key is the same exchange, however often it is sent.
    const exchange = (sessionId: unknown) =>
      call(server.url, 'portal.exchangeSession', '', { sessionId }, { 'idempotency-key': `the key of ${sessionId}` });
    const exchanged = Promise.all(minted.map(({ data }) => exchange(data['sessionId'])));
    await wait(Math.random() * 40);
    await end(server.process, 'SIGKILL');
    const replies = await exchanged;
    server = await start();

    for (const [i, reply] of replies.entries()) {
      const { sessionId } = minted[i]?.data ?? {};
      const externalId = String(minted[i]?.externalId);
      if (reply.status === 200) {
        outcomes.answered++;
        expect((await call(server.url, 'portal.getSession', String(reply.data['token']), {})).status).toBe(200);
        continue;
      }
      const state = await stateOf(externalId);
      expect(['pending', 'active']).toContain(state);
      if (state === 'pending') outcomes.redeemable++;
      else outcomes.unheard++;
      // Whether it was carried out or not: whoever sends it again gets the session.
      const again = await exchange(sessionId);
      expect(again.status).toBe(200);
      expect((await call(server.url, 'portal.getSession', String(again.data['token']), {})).status).toBe(200);
    }
  }
  // The kill came before, in the middle of and after what it was to hit, or nothing was shown.
  expect(outcomes.answered + outcomes.redeemable + outcomes.unheard).toBe(rounds * ids);
  expect(outcomes.redeemable + outcomes.unheard).toBeGreaterThan(0);
});
