/**
 * `npx node scripts/lab/cluster.ts` fills a cluster of three primaries with one workspace, and shows how its calls spread over the nodes:
 * the commands of each node, its CPU time, the commands of each call, and how many calls one core of Redis could serve. Three
 * primaries on two cores cannot show a throughput, so it shows none. `npx node scripts/lab/cluster.ts 20000` sets another number of
 * users.
 */
import { cpus } from 'node:os';
import { commandLine } from '../../src/server/cli/operator.ts';
import { createKey } from '../../src/server/domain/keys/keys.ts';
import { createApi } from '../../src/server/domain/portals/apis.ts';
import { createPortal } from '../../src/server/domain/portals/portals.ts';
import { listSessions } from '../../src/server/domain/sessions/session-list.ts';
import {
  authenticatePortalSession,
  createSession,
  exchangeSession,
} from '../../src/server/domain/sessions/sessions.ts';
import { verifyKey } from '../../src/server/domain/usage/usage.ts';
import { authenticateRootKey, cachedRootKey } from '../../src/server/domain/workspaces/root-keys.ts';
import { createWorkspace } from '../../src/server/domain/workspaces/workspaces.ts';
import { createStore } from '../../src/server/store/index.ts';
import { connectRedis } from '../../src/server/store/redis.ts';
import { startCluster } from '../../tests/support/cluster.ts';
import { tell } from '../../tests/support/redis.ts';
import { type Hooks, withHooks } from '../../tests/support/redis-hooks.ts';
import { noLimits } from './no-limits.ts';

const users = Number(process.argv[2] ?? 100_000);
/** Calls at the same time. */
const connections = 16;
/** Each of so many users has a key. */
const usersPerKey = 5;
const from = { ip: '203.0.113.7', userAgent: 'lab', requestId: 'req_2c9a0jf23l4k567mnopq' };

const cluster = await startCluster({ replicas: 0, nodeTimeoutMs: 60_000 });
const redis = connectRedis({
  mode: 'cluster',
  nodes: cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port })),
  login: {},
});
await redis.ready;
// The limits by default, so that what lends calls costs what it costs.
const rateLimits = { rootKey: 60_000_000, session: 1200, exchange: 0, failedAuthentication: 0 };
const hooks: Hooks = {};
const store = createStore(withHooks(redis, hooks), { maxEntries: 100_000, maxAgeDays: 90 }, rateLimits, noLimits);

const { workspaceId, rootKey: secret } = await createWorkspace(store, { name: 'Cluster' }, commandLine);
const rootKey = await authenticateRootKey(store, secret);
const { apiId } = await createApi(store, workspaceId, { name: 'Payments', prefix: 'pay' }, commandLine);
await createPortal(store, workspaceId, { slug: 'cluster', apiIds: [apiId] }, commandLine);
const permissions = ['api.*.read_key', 'api.*.create_key'];

/** What a node has done so far. The commands in a script count, too. */
async function workOf(url: string): Promise<{ commands: number; micros: number }> {
  const info = `${await tell<string>(url, 'INFO', 'commandstats')}\n${await tell<string>(url, 'INFO', 'cpu')}`;
  const number = (pattern: RegExp) => Number(pattern.exec(info)?.[1] ?? 0);
  return {
    commands: [...info.matchAll(/^cmdstat_\w+:calls=(\d+)/gm)].reduce((sum, [, count]) => sum + Number(count), 0),
    micros: (number(/^used_cpu_user:([\d.]+)/m) + number(/^used_cpu_sys:([\d.]+)/m)) * 1e6,
  };
}
const worksOf = () => Promise.all(cluster.nodes.map(({ url }) => workOf(url)));

const rows: (string | number)[][] = [
  [
    ...['operation', 'calls', 'requests to Redis per call', 'commands of each node', 'largest distance from the mean'],
    ...['Redis CPU, µs per call', 'of that, on each node', 'calls per second and core of Redis'],
  ],
];
const rounded = (number: number) => Math.round(number).toLocaleString('en');

/** Does the work for each index, and notes what each node did for it. */
async function measure(operation: string, calls: number, work: (i: number) => Promise<unknown>): Promise<void> {
  const before = await worksOf();
  hooks.commands = 0;
  let next = 0;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (next < calls) await work(next++);
    }),
  );
  const sent = hooks.commands;
  const done = (await worksOf()).map((after, i) => ({
    commands: after.commands - (before[i]?.commands ?? 0),
    micros: after.micros - (before[i]?.micros ?? 0),
  }));
  const mean = done.reduce((sum, { commands }) => sum + commands, 0) / done.length;
  const off = Math.max(...done.map(({ commands }) => Math.abs(commands - mean) / mean));
  const micros = done.reduce((sum, node) => sum + node.micros, 0) / calls;
  rows.push([
    operation,
    calls,
    (sent / calls).toFixed(3),
    done.map(({ commands }) => rounded(commands)).join(' / '),
    `${(off * 100).toFixed(1)} %`,
    micros.toFixed(1),
    done.map((node) => (node.micros / calls).toFixed(1)).join(' / '),
    rounded(1e6 / micros),
  ]);
  process.stderr.write('.');
}

try {
  const sessionIds: string[] = [];
  const tokens: string[] = [];
  const keys: string[] = [];
  const caller = () => cachedRootKey(store, secret) ?? rootKey;
  await measure('portal.createSession', users, async (i) => {
    const request = { slug: 'cluster', externalId: `user_${i}`, permissions, preview: false };
    sessionIds[i] = (await createSession(store, caller(), request, from)).sessionId;
  });
  await measure('portal.exchangeSession', users, async (i) => {
    tokens[i] = (await exchangeSession(store, sessionIds[i] ?? '', from)).token;
  });
  await measure('portal.getSession', users, (i) => authenticatePortalSession(store, [tokens[i] ?? '']));
  await measure('portal.getSession, again', users, (i) => authenticatePortalSession(store, [tokens[i] ?? '']));
  await measure('portal.createKey, with getSession', Math.floor(users / usersPerKey), async (i) => {
    const session = await authenticatePortalSession(store, [tokens[i * usersPerKey] ?? '']);
    keys[i] = (await createKey(store, session, { apiId }, 10)).key;
  });
  await measure('keys.verifyKey', users, (i) => verifyKey(store, caller(), { key: keys[i % keys.length] ?? '' }));
  await measure('portal.listSessions, 100 of a portal', 50, () =>
    listSessions(store, workspaceId, { slug: 'cluster' }, { limit: 100 }),
  );
  console.log(`\n${users} users in one workspace, three primaries, ${cpus()[0]?.model}\n`);
  const [head = [], ...body] = rows;
  for (const cells of [head, head.map(() => '---'), ...body]) console.log(`| ${cells.join(' | ')} |`);
} finally {
  await store.close();
  await cluster.stop();
}
