/**
 * `npx node scripts/lab/scale.ts` measures the frequent operations with many active sessions and keys. It fills its own Redis through the store
 * to each size in turn, and calls its own server over HTTP. `npx node scripts/lab/scale.ts 10000 100000` sets other sizes.
 *
 * It prints the latency of each operation over one connection, and the CPU time that Redis took for it, which depends less on
 * other load of the machine.
 */

import { Agent, request } from 'node:http';
import { cpus } from 'node:os';
import { commandLine } from '../../src/server/cli/operator.ts';
import { newApiKey, newKeyId } from '../../src/server/domain/credentials.ts';
import { createApi } from '../../src/server/domain/portals/apis.ts';
import { createPortal } from '../../src/server/domain/portals/portals.ts';
import { createSession, exchangeSession } from '../../src/server/domain/sessions/sessions.ts';
import { changeOf } from '../../src/server/domain/workspaces/audit.ts';
import { authenticateRootKey } from '../../src/server/domain/workspaces/root-keys.ts';
import { createWorkspace } from '../../src/server/domain/workspaces/workspaces.ts';
import { createStore } from '../../src/server/store/index.ts';
import { partitionOf } from '../../src/server/store/partitions.ts';
import { noRateLimits } from '../../src/server/store/rate-limits.ts';
import { connectRedis, StoreUnavailable } from '../../src/server/store/redis.ts';
import { startRedis, tell } from '../../tests/support/redis.ts';
import { startServer } from '../../tests/support/server.ts';
import { buildIfStale } from '../freshness/if-stale.ts';
import { noLimits } from './no-limits.ts';

const sizes = process.argv.slice(2).map(Number);
if (sizes.length === 0) sizes.push(10_000, 100_000, 1_000_000);
/** Measured calls per operation, and warm-up calls before them. */
const [measured, warmUp] = [2000, 500];
/** Number of sessions and keys to read again. */
const sampled = 5000;

await buildIfStale();
const local = await startRedis();
const redis = connectRedis(local.url);
await redis.ready;
const audit = { maxEntries: 1000, maxAgeDays: 1 };
const store = createStore(redis, audit, noRateLimits, noLimits);
const settings = { PORT: '0', HOST: '127.0.0.1', NODE_ENV: 'production' };
const unlimited = { MAX_SESSIONS_PER_USER: '1000000', WORKSPACE_QUOTA_MB: '0', USER_QUOTA_KB: '0' };
const server = await startServer({ ...settings, ...unlimited, AUDIT_MAX_ENTRIES: '1000', REDIS_URL: local.url });

const { workspaceId, rootKey } = await createWorkspace(store, { name: 'Scale' }, commandLine);
const { apiId } = await createApi(store, workspaceId, { name: 'Payments', prefix: 'pay' }, commandLine);
await createPortal(store, workspaceId, { slug: 'scale', apiIds: [apiId] }, commandLine);
const caller = await authenticateRootKey(store, rootKey);
const permissions = ['api.*.read_key', 'api.*.create_key'];

/** Calls `work` for each index, 50 at a time. Retries if a deadline passes on a busy machine. */
async function times(from: number, to: number, work: (i: number) => Promise<unknown>): Promise<void> {
  const persist = async (i: number): Promise<unknown> =>
    work(i).catch((error) => (error instanceof StoreUnavailable ? persist(i) : Promise.reject(error)));
  for (let i = from; i < to; i += 50) {
    await Promise.all(Array.from({ length: Math.min(50, to - i) }, (_, j) => persist(i + j)));
  }
}

const tokens: string[] = [];
const apiKeys: string[] = [];
/** Maintains a uniform sample of all values (reservoir sampling). */
function sample(into: string[], i: number, value: string): void {
  if (into.length < sampled) into.push(value);
  else if (Math.random() < sampled / (i + 1)) into[Math.floor(Math.random() * sampled)] = value;
}

async function addSession(i: number): Promise<void> {
  const grant = { slug: 'scale', externalId: `user_${i}`, permissions, preview: false };
  const { sessionId } = await createSession(store, caller, grant, {});
  sample(tokens, i, (await exchangeSession(store, sessionId, {})).token);
}

async function addKey(i: number): Promise<void> {
  const externalId = `user_${i}`;
  const place = partitionOf({ workspaceId, externalId });
  const { plaintext, hash, start } = newApiKey(place, 'pay', 24);
  const now = Date.now();
  const owner = { keyId: newKeyId(place), apiId, externalId, start, name: 'Production' };
  const record = { ...owner, byteLength: 24, enabled: true, rerolled: false, createdAt: now, updatedAt: now };
  const by = changeOf({ proof: caller }, 'key.create', { type: 'key', id: record.keyId }, undefined, record);
  await store.apiKeys.create(by, record, hash, 100);
  sample(apiKeys, i, plaintext);
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** Calls one operation and returns its data and duration in ms. */
function call(operation: string, bearer: string, body: object): Promise<{ ms: number; data: Record<string, string> }> {
  const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(`${server.url}/v2/${operation}`, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => {
        const ms = performance.now() - begun;
        if (response.statusCode === 200) resolve({ ms, data: JSON.parse(text).data });
        else reject(new Error(`${operation}: ${response.statusCode} ${text}`));
      });
    });
    sent.once('error', reject);
    sent.end(JSON.stringify(body));
  });
}

const anyOf = (list: string[]) => list[Math.floor(Math.random() * list.length)] ?? '';
const createdIds: string[] = [];
let users = 0;
/** Ordered so that each operation finds its input. */
const operations: Record<string, () => ReturnType<typeof call>> = {
  async 'portal.createSession'() {
    const response = await call('portal.createSession', rootKey, {
      slug: 'scale',
      externalId: `measured_${users++}`,
      permissions,
    });
    createdIds.push(String(response.data['sessionId']));
    return response;
  },
  'portal.exchangeSession': () => call('portal.exchangeSession', '', { sessionId: createdIds.pop() }),
  'portal.getSession': () => call('portal.getSession', anyOf(tokens), {}),
  'keys.verifyKey': () => call('keys.verifyKey', rootKey, { key: anyOf(apiKeys) }),
};

/** The CPU time that Redis has used so far, in µs. */
async function redisMicros(): Promise<number> {
  const info = await tell(local.url, 'INFO', 'cpu');
  const seconds = (name: string) => Number(new RegExp(`^${name}:([0-9.]+)`, 'm').exec(info)?.[1]);
  return (seconds('used_cpu_user') + seconds('used_cpu_sys')) * 1e6;
}

const quantile = (sorted: number[], share: number) => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(2);

console.log(
  `${cpus().length} cores of ${cpus()[0]?.model}, ${/redis_version:(\S+)/.exec(await tell(local.url, 'INFO'))?.[1]}`,
);
console.log(
  '\n| active sessions, and as many keys | operation | median ms | p99 ms | Redis CPU, µs |\n|---|---|---|---|---|',
);
let filled = 0;
for (const size of sizes) {
  await times(filled, size, addSession);
  await times(filled, size, addKey);
  filled = size;
  const memory = /used_memory_human:(\S+)/.exec(await tell(local.url, 'INFO', 'memory'))?.[1];
  for (const [name, ask] of Object.entries(operations)) {
    for (let i = 0; i < warmUp; i++) await ask();
    const before = await redisMicros();
    const took: number[] = [];
    for (let i = 0; i < measured; i++) took.push((await ask()).ms);
    const micros = (((await redisMicros()) - before) / measured).toFixed(0);
    took.sort((a, b) => a - b);
    const label = `${size.toLocaleString('en')} (${memory})`;
    console.log(`| ${label} | \`${name}\` | ${quantile(took, 0.5)} | ${quantile(took, 0.99)} | ${micros} |`);
  }
}
agent.destroy();
await store.close();
await server.stop();
await local.stop();
