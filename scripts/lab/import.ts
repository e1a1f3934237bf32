/**
 * `npx node scripts/lab/import.ts` measures how long it takes to import keys: it sends 50,000 keys of 25,000 users, in requests of 500 over
 * several connections, to two servers of its own on one Redis, as a company does. `npx node scripts/lab/import.ts 1000000` imports a million. It then verifies some of them, each for the
 * first and for the second time.
 */

import { hash } from 'node:crypto';
import { cpus } from 'node:os';
import { startRedis, tell } from '../../tests/support/redis.ts';
import { portico, startServer } from '../../tests/support/server.ts';
import { call } from '../../tests/support/tenant.ts';
import { buildIfStale } from '../freshness/if-stale.ts';
import { cpuTimeMs } from './cpu-time.ts';

const many = Number(process.argv[2] ?? 50_000);
/** How many keys are in a request, and how many requests are sent at the same time. */
const [perRequest, atOnce] = [500, 6];
const processes = 2;
const verified = Math.min(many, 2000);

await buildIfStale();
const redis = await startRedis();
const settings = { PORT: '0', HOST: '127.0.0.1', NODE_ENV: 'production' };
const unlimited = { WORKSPACE_QUOTA_MB: '0', RATE_LIMIT_ROOT_KEY: '0' };
const servers = await Promise.all(
  Array.from({ length: processes }, () =>
    startServer({ ...settings, ...unlimited, REDIS_URL: redis.url }, { keep: 10_000 }),
  ),
);
const urls = servers.map((server) => server.url);
const [url = ''] = urls;
const { rootKey } = await portico<{ rootKey: string }>(
  { REDIS_URL: redis.url },
  'workspace',
  'create',
  '--name',
  'Import',
);
const { apiId } = (await call(url, 'apis.createApi', rootKey, { name: 'Moved' })).data;

const keyOf = (i: number) => `sk_live_${String(i).padStart(12, '0')}EXAMPLE`;
const toImport = (i: number) => ({
  hash: hash('sha256', keyOf(i), 'base64'),
  start: 'sk_live_',
  externalId: `user_${Math.floor(i / 2)}`,
  name: `Key ${i}`,
});

/** The CPU time of Redis and the memory that it uses. */
async function redisNow(): Promise<{ cpuMs: number; bytes: number }> {
  const read = (text: string, field: string) => Number(new RegExp(`${field}:([\\d.]+)`).exec(text)?.[1]);
  const [cpu, memory] = [await tell(redis.url, 'INFO', 'cpu'), await tell(redis.url, 'INFO', 'memory')];
  return {
    cpuMs: 1000 * (read(cpu, 'used_cpu_user') + read(cpu, 'used_cpu_sys')),
    bytes: read(memory, 'used_memory'),
  };
}

/** The CPU time of the servers, in ms. */
const serverCpuMs = (): number => servers.reduce((sum, { process: { pid } }) => sum + cpuTimeMs(pid ?? 0), 0);

/** Sends requests from a shared counter, several at the same time. Repeats one that the server could not finish. */
async function importAll(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  let next = 0;
  const worker = async (to: string) => {
    while (next < many) {
      const from = next;
      next += perRequest;
      const keys = Array.from({ length: Math.min(perRequest, many - from) }, (_, j) => toImport(from + j));
      let reply = await call(to, 'keys.importKeys', rootKey, { apiId, keys });
      while (reply.status === 503) reply = await call(to, 'keys.importKeys', rootKey, { apiId, keys });
      if (reply.broken !== undefined) throw new Error(reply.broken);
      for (const { status } of reply.data['keys'] as { status: string }[]) counts[status] = (counts[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, i) => worker(urls[i % processes] ?? url)));
  return counts;
}

/** The median time of a verification, one after the other, in ms. */
async function verifyEach(): Promise<string> {
  const took: number[] = [];
  for (let i = 0; i < verified; i++) {
    const { ms, data } = await call(url, 'keys.verifyKey', rootKey, { key: keyOf(i) });
    if (data['code'] !== 'VALID') throw new Error(`key ${i} is ${data['code']}`);
    took.push(ms);
  }
  return (took.sort((a, b) => a - b)[Math.floor(verified / 2)] ?? 0).toFixed(2);
}

async function measure(what: string): Promise<void> {
  const [before, serverBefore, begun] = [await redisNow(), serverCpuMs(), performance.now()];
  const counts = await importAll();
  const seconds = (performance.now() - begun) / 1000;
  const after = await redisNow();
  const perKey = (after.cpuMs - before.cpuMs) / many;
  const serverPerKey = (serverCpuMs() - serverBefore) / many;
  console.log(
    `${what}: ${many} keys in ${seconds.toFixed(1)} s, ${Math.round(many / seconds)} keys/s ${JSON.stringify(counts)}; ` +
      `server ${(1000 * serverPerKey).toFixed(0)} µs, Redis ${(1000 * perKey).toFixed(0)} µs and ${Math.round((after.bytes - before.bytes) / many)} bytes per key`,
  );
  if (many !== 1_000_000)
    console.log(`  at this rate, a million keys take ${(1e6 / (many / seconds) / 60).toFixed(1)} minutes`);
}

console.log(`${cpus()[0]?.model}, ${cpus().length} CPUs for the client, ${processes} servers and Redis together`);
await measure('import');
await measure('the same again');
console.log(
  `verification, median of ${verified}: the first ${await verifyEach()} ms, the second ${await verifyEach()} ms`,
);
await Promise.all(servers.map((server) => server.stop()));
await redis.stop();
