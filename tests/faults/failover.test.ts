/**
 * What becomes of requests when a primary dies, or hangs, and a replica takes its place. Replication is asynchronous: what
 * the old primary had acknowledged in its last moments may be lost with it, whatever a server does. So what is asked here is
 * that nothing is answered but 200 and 503, that service comes back by itself, and that hardly anything is lost.
 */
import { afterEach, expect, test } from '@jest/globals';
import { startCluster } from '../support/cluster.ts';
import { end, tell, until } from '../support/redis.ts';
import { startSentinel } from '../support/sentinel.ts';
import { startServer } from '../support/server.ts';
import { call, newTenant, type Tenant } from '../support/tenant.ts';
import { broken, heldUpMs, slowest } from './judge.ts';
import { lostOf, startLoad } from './load.ts';

/** What a test has started, to be stopped whatever comes of it. */
const running: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const started of running.splice(0).reverse()) await started.stop();
});

const settings = { PORT: '0', HOST: '127.0.0.1', NODE_ENV: 'production' };
/** One second until the node counts as gone, an election, and what a busy machine makes of it. */
const failoverMs = 15_000;

/** A tenant on each primary of the cluster: in so many tries one comes by. */
async function tenantEverywhere(env: Record<string, string>, url: string, primaries: string[]): Promise<Tenant[]> {
  const found = new Map<string, Tenant>();
  for (let tries = 0; found.size < primaries.length && tries < 60; tries++) {
    const tenant = await newTenant(env, url);
    for (const primary of primaries) {
      const [first] = await tell<string[]>(primary, 'KEYS', `portico:{${tenant.workspaceId}}:workspace`);
      if (first !== undefined && !found.has(primary)) found.set(primary, tenant);
    }
  }
  return primaries.flatMap((primary) => found.get(primary) ?? []);
}

/** Whether every one of them can mint just now. */
const allServed = async (tenants: Tenant[], url: string) =>
  (await Promise.all(tenants.map((tenant) => tenant.mint(url)))).every(({ status }) => status === 200);

test.each(['dies', 'hangs'])('a primary of a cluster %s', async (how) => {
  const cluster = await startCluster();
  running.push(cluster);
  const server = await startServer({ ...settings, ...cluster.env });
  running.push(server);
  const primaries = cluster.nodes.slice(0, 3).map(({ url }) => url);
  const tenants = await tenantEverywhere(cluster.env, server.url, primaries);
  expect(tenants).toHaveLength(3);
  const load = startLoad(server.url, tenants, 2);
  running.push(load);
  await until('there is load', async () => load.acknowledged.length > 60);

  const [victim] = cluster.nodes;
  if (how === 'dies') await end((victim as (typeof cluster.nodes)[0]).process, 'SIGKILL');
  else victim?.process.kill('SIGSTOP');
  await until('it is not ready', async () => (await fetch(`${server.url}/v2/readiness`)).status === 503, 5000);
  await until('all tenants are served', () => allServed(tenants, server.url), failoverMs);
  await until('it is ready', async () => (await fetch(`${server.url}/v2/readiness`)).ok, failoverMs);
  if (how === 'dies') await cluster.restart(0);
  else victim?.process.kill('SIGCONT');
  await until('the old one follows', async () => (await tell(primaries[0] ?? '', 'ROLE'))[0] === 'slave', failoverMs);
  // What was connected to it is told that it is no primary any more, and none is the wiser.
  await until('there is load again', () => allServed(tenants, server.url), 5000);
  const account = await load.stop();
  expect(broken(account.replies)).toEqual([]);
  expect(slowest(account.replies)).toBeLessThan(3000 + heldUpMs(account));
  const lost = await lostOf(account, server.url);
  expect(lost.length).toBeLessThan(account.acknowledged.length / 20);
});

test.each(['dies', 'hangs'])('a primary that Sentinels watch %s', async (how) => {
  const sentinel = await startSentinel();
  running.push(sentinel);
  const server = await startServer({ ...settings, ...sentinel.env });
  running.push(server);
  const tenant = await newTenant(sentinel.env, server.url);
  const load = startLoad(server.url, [tenant]);
  running.push(load);
  await until('there is load', async () => load.acknowledged.length > 60);
  if (how === 'dies') await end(sentinel.primary.process, 'SIGKILL');
  else sentinel.primary.process.kill('SIGSTOP');
  await until('it is not ready', async () => (await fetch(`${server.url}/v2/readiness`)).status === 503, 5000);
  await until('it is served', () => allServed([tenant], server.url), failoverMs);
  expect((await tell(sentinel.replica.url, 'ROLE'))[0]).toBe('master');
  const account = await load.stop();
  expect(broken(account.replies)).toEqual([]);
  expect(slowest(account.replies)).toBeLessThan(3000 + heldUpMs(account));
  expect((await lostOf(account, server.url)).length).toBeLessThan(account.acknowledged.length / 20);
  // A Sentinel that is gone is none that is needed.
  await end((sentinel.sentinels[0] as typeof sentinel.primary).process, 'SIGKILL');
  expect((await call(server.url, 'portal.createSession', tenant.rootKey, {})).status).toBe(400);
});
