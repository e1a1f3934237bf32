/**
 * Requests while a primary crashes or hangs and a replica replaces it. Replication is asynchronous: writes that the old
 * primary acknowledged just before the failure can be lost, and no server can prevent it. So the tests require that the
 * server returns only 200 and 503, that it recovers by itself, and that few writes are lost.
 */
import { afterEach, expect, test } from '@jest/globals';
import keySlot from 'cluster-key-slot';
import { keys } from '../../src/server/store/keys.ts';
import { partitionsOf } from '../../src/server/store/partitions.ts';
import { startCluster } from '../support/cluster.ts';
import { broken, machineDelayMs, slowest } from '../support/judge.ts';
import { lostOf, startLoad } from '../support/load.ts';
import { end, tell, until } from '../support/redis.ts';
import { auditedRevocations, type Changes, countedVerifications, startRevocations } from '../support/revocations.ts';
import { startSentinel } from '../support/sentinel.ts';
import { startServer } from '../support/server.ts';
import { usersOf } from '../support/store.ts';
import { call, newTenant, type Tenant } from '../support/tenant.ts';

type Server = Awaited<ReturnType<typeof startServer>>;

/** What a test started. It is stopped even if the test fails. */
const running: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const started of running.splice(0).reverse()) await started.stop();
});

const settings = { PORT: '0', HOST: '127.0.0.1', NODE_ENV: 'production' };
/** One second until the node counts as failed, an election, and a margin for a busy machine. */
const failoverMs = 15_000;

/** A tenant on each primary of the cluster. A workspace's slot is random, so this tries up to 60 workspaces. */
async function tenantEverywhere(env: Record<string, string>, url: string, primaries: string[]): Promise<Tenant[]> {
  const found = new Map<string, Tenant>();
  for (let attempts = 0; found.size < primaries.length && attempts < 60; attempts++) {
    const tenant = await newTenant(env, url);
    for (const primary of primaries) {
      const [first] = await tell<string[]>(primary, 'KEYS', `portico:{${tenant.workspaceId}}:workspace`);
      if (first !== undefined && !found.has(primary)) found.set(primary, tenant);
    }
  }
  return primaries.flatMap((primary) => found.get(primary) ?? []);
}

/** Whether every tenant can create a session now. */
const allServed = async (tenants: Tenant[], url: string) =>
  (await Promise.all(tenants.map((tenant) => tenant.createSession(url)))).every(({ status }) => status === 200);

/** The statuses that a user of every partition gets for a new session. A server that has not found the new primary yet may return 503. */
async function statusesEverywhere(tenant: Tenant | undefined, url: string): Promise<Set<number>> {
  const { workspaceId = '', rootKey = '' } = tenant ?? {};
  const users = partitionsOf(workspaceId).map((place) => String(usersOf(place, 1)[0]));
  const replies = await Promise.all(
    users.map((externalId) =>
      call(url, 'portal.createSession', rootKey, { slug: 'my-portal', externalId, permissions: ['api.*.read_key'] }),
    ),
  );
  return new Set(replies.map(({ status }) => status));
}

/** Whether a user of every partition gets this status for a new session. */
async function isEverywhere(tenant: Tenant | undefined, url: string, status: number): Promise<boolean> {
  const seen = await statusesEverywhere(tenant, url);
  return seen.has(status) && seen.size === 1;
}

/** A user on each of the three primaries, which share the slots. */
const userOnEach = (workspaceId: string): string[] =>
  [0, 1, 2].map((primary) => {
    const place = partitionsOf(workspaceId).find(
      (p) => Math.floor((3 * keySlot(keys.sessionAudit(p))) / 16_384) === primary,
    );
    if (place === undefined) throw new Error(`no partition is on primary ${primary}`);
    return String(usersOf(place, 1)[0]);
  });

/** What a replica has certainly received: all that was acknowledged except in the last second before the fault. */
const isReplicated = (at: number, faultAt: number) => at < faultAt - 1000 || at > faultAt;

test.each(['dies', 'hangs'])('two servers recover when a primary of a cluster %s', async (how) => {
  const cluster = await startCluster();
  running.push(cluster);
  const [server, other] = (await Promise.all([0, 1].map(() => startServer({ ...settings, ...cluster.env })))) as [
    Server,
    Server,
  ];
  running.push(server, other);
  const primaries = cluster.nodes.slice(0, 3).map(({ url }) => url);
  const tenants = await tenantEverywhere(cluster.env, server.url, primaries);
  expect(tenants).toHaveLength(3);
  // Its home is on another primary than the victim, which has some of its partitions.
  const [, changing] = await tenantEverywhere(cluster.env, server.url, primaries);
  const enable = (enabled: boolean, version: number) =>
    call(server.url, 'portal.updateConfiguration', changing?.rootKey ?? '', { portal: 'my-portal', enabled, version });
  const load = startLoad(server.url, tenants, 2);
  running.push(load);
  const changed = tenants[1] as Tenant;
  const revocations = await startRevocations([server.url, other.url], changed, userOnEach(changed.workspaceId));
  running.push(revocations);
  await until('there is load', async () => load.acknowledged.length > 60);
  await until('there are revocations', async () => revocations.users.every(({ revoked }) => revoked.length > 10));

  const faultAt = performance.now();
  const [victim] = cluster.nodes;
  if (how === 'dies') await end((victim as (typeof cluster.nodes)[0]).process, 'SIGKILL');
  else victim?.process.kill('SIGSTOP');
  await until('it is not ready', async () => (await fetch(`${server.url}/v2/readiness`)).status === 503, 5000);
  const unacknowledged = await enable(false, 1);
  expect([unacknowledged.status, unacknowledged.broken]).toEqual([503, undefined]);
  await until('all tenants are served', () => allServed(tenants, server.url), failoverMs);
  await until('it is ready', async () => (await fetch(`${server.url}/v2/readiness`)).ok, failoverMs);
  // The change of control data that was under way is completed without a second call: in every partition.
  await until('the change is complete', () => isEverywhere(changing, server.url, 403));
  expect(await statusesEverywhere(changing, other.url)).not.toContain(200);
  expect((await enable(true, 2)).status).toBe(200);
  expect(await statusesEverywhere(changing, other.url)).not.toContain(403);
  expect(await isEverywhere(changing, server.url, 200)).toBe(true);
  const recoveredAt = performance.now();
  await until('revocations go on', async () =>
    revocations.users.every(({ revoked }) => (revoked.at(-1)?.at ?? 0) > recoveredAt),
  );
  if (how === 'dies') await cluster.restart(0);
  else victim?.process.kill('SIGCONT');
  await until('the old one follows', async () => (await tell(primaries[0] ?? '', 'ROLE'))[0] === 'slave', failoverMs);
  // The old primary now redirects clients to the new one. Users do not notice.
  await until('there is load again', () => allServed(tenants, server.url), 5000);
  const account = await load.stop();
  expect(broken(account.replies)).toEqual([]);
  expect(slowest(account.replies)).toBeLessThan(3000 + machineDelayMs(account));
  const lost = await lostOf(account, server.url);
  expect(lost.length).toBeLessThan(account.acknowledged.length / 20);

  await revocations.stop();
  expect(broken(revocations.replies)).toEqual([]);
  // The first user is on the primary that failed: replication is asynchronous there. The others' acknowledgements are all kept.
  const [onVictim, ...elsewhere] = revocations.users.map(({ externalId }) => externalId);
  const isJudged = ({ externalId }: Pick<Changes, 'externalId'>, at: number) =>
    externalId !== onVictim || isReplicated(at, faultAt);
  expect(elsewhere).toHaveLength(2);
  expect(revocations.accepted.filter((late) => isJudged(late, late.at))).toEqual([]);
  for (const user of revocations.users) {
    const revoked = user.revoked.filter(({ at }) => isJudged(user, at));
    for (const { url } of [server, other]) {
      const statuses = await Promise.all(
        revoked.map(async ({ token }) => (await call(url, 'portal.getSession', token, {})).status),
      );
      expect(statuses.filter((status) => status !== 401)).toEqual([]);
    }
    expect(await auditedRevocations(other.url, changed, user.externalId)).toBeGreaterThanOrEqual(revoked.length);
    const counted = await countedVerifications(other.url, changed, user.externalId);
    expect(counted).toBeGreaterThanOrEqual(user.verified.filter((at) => isJudged(user, at)).length);
    expect(counted).toBeLessThanOrEqual(user.verified.length + user.unknown);
  }
});

test.each(['dies', 'hangs'])('the server recovers when a primary with Sentinels %s', async (how) => {
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
  expect(slowest(account.replies)).toBeLessThan(3000 + machineDelayMs(account));
  expect((await lostOf(account, server.url)).length).toBeLessThan(account.acknowledged.length / 20);
  // The server works without one of the Sentinels.
  await end((sentinel.sentinels[0] as typeof sentinel.primary).process, 'SIGKILL');
  expect((await call(server.url, 'portal.createSession', tenant.rootKey, {})).status).toBe(400);
});
