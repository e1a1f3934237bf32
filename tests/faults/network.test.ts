/** Requests while the network between the server and Redis fails. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type BadNetwork, type Condition, startBadNetwork } from '../support/bad-network.ts';
import { broken, isServedSince, machineDelayMs, recoveryMs, slowest, wait } from '../support/judge.ts';
import { type Load, lostOf, startLoad } from '../support/load.ts';
import { type LocalRedis, startRedis, until } from '../support/redis.ts';
import { type LocalServer, startServer } from '../support/server.ts';
import { newTenant, type Tenant } from '../support/tenant.ts';

let redis: LocalRedis;
let network: BadNetwork;
let server: LocalServer;
let tenant: Tenant;
let load: Load;

beforeAll(async () => {
  redis = await startRedis();
  network = await startBadNetwork(redis.port);
  const settings = { PORT: '0', HOST: '127.0.0.1', NODE_ENV: 'production' };
  server = await startServer({ ...settings, REDIS_URL: `redis://127.0.0.1:${network.port}` });
  tenant = await newTenant({ REDIS_URL: redis.url }, server.url);
});
// A failed test did not stop its load.
afterEach(() => load?.stop());
afterAll(async () => {
  await server.stop();
  network.stop();
  await redis.stop();
});

test.each<Condition>(['reset', 'blackhole', 'half-closed'])(
  '%s: every request gets a 503 in time, and succeeds again after the network recovers',
  async (condition) => {
    load = startLoad(server.url, [tenant]);
    await until('there is load', async () => load.acknowledged.length > 50);
    const cut = performance.now();
    network.set(condition);
    await wait(3000);
    const during = load.replies.filter(({ at }) => at > cut + 1000);
    expect((await fetch(`${server.url}/v2/readiness`)).status).toBe(503);
    network.set('open');
    const back = performance.now();
    await until('there is load again', async () => isServedSince(load.replies, back));
    expect(recoveryMs(load.replies, back)).toBeLessThan(2000 + machineDelayMs(load));
    await until('it is ready again', async () => (await fetch(`${server.url}/v2/readiness`)).ok, 2000);
    const account = await load.stop();
    expect(new Set(during.map(({ status }) => status))).toEqual(new Set([503]));
    expect(slowest(during)).toBeLessThan(1000 + machineDelayMs(account));
    expect(broken(account.replies)).toEqual([]);
    expect(await lostOf(account, server.url)).toEqual([]);
  },
);
