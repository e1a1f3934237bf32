/** Requests while Redis crashes or hangs. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { broken, isServedSince, machineDelayMs, recoveryMs, slowest, wait } from '../support/judge.ts';
import { type Load, lostOf, startLoad } from '../support/load.ts';
import { end, type LocalRedis, startRedis, until } from '../support/redis.ts';
import { type LocalServer, startServer } from '../support/server.ts';
import { newTenant, type Tenant } from '../support/tenant.ts';

let directory: string;
let port: number;
let redis: LocalRedis;
let server: LocalServer;
let tenant: Tenant;
let load: Load;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'portico-faults-'));
  port = await freePort();
  redis = await startRedis({ directory, port });
  server = await startServer({ PORT: '0', HOST: '127.0.0.1', REDIS_URL: redis.url, NODE_ENV: 'production' });
  tenant = await newTenant({ REDIS_URL: redis.url }, server.url);
});
// A failed test did not stop its load.
afterEach(() => load?.stop());
afterAll(async () => {
  await server.stop();
  await redis.stop();
  await rm(directory, { recursive: true });
});

test('Redis is killed and restarted: no acknowledged write is lost, and no session id works twice', async () => {
  load = startLoad(server.url, [tenant]);
  await until('there is load', async () => load.acknowledged.length > 50);
  for (let round = 0; round < 2; round++) {
    await end(redis.process, 'SIGKILL');
    await wait(700);
    redis = await startRedis({ directory, port });
    const back = performance.now();
    await until('there is load again', async () => isServedSince(load.replies, back));
    expect(recoveryMs(load.replies, back)).toBeLessThan(2000 + machineDelayMs(load));
    await wait(500);
  }
  const account = await load.stop();
  expect(broken(account.replies)).toEqual([]);
  expect(account.replies.filter(({ status }) => status === 503).length).toBeGreaterThan(10);
  expect(slowest(account.replies)).toBeLessThan(2000 + machineDelayMs(account));
  expect(await lostOf(account, server.url)).toEqual([]);
});

/** The memory of the process in MB, and the number of its open files and sockets. */
async function sizeOf({ pid }: { pid?: number | undefined }): Promise<{ mb: number; handles: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const mb = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
  return { mb, handles: (await readdir(`/proc/${pid}/fd`)).length };
}

test('Redis is paused for ten seconds: requests fail in time, and the process does not grow or hang', async () => {
  load = startLoad(server.url, [tenant]);
  await until('there is load', async () => load.acknowledged.length > 200);
  const before = await sizeOf(server.process);
  redis.process.kill('SIGSTOP');
  const paused = performance.now();
  await wait(10_000);
  const during = load.replies.filter(({ at }) => at > paused + 1000);
  const after = await sizeOf(server.process);
  redis.process.kill('SIGCONT');
  const back = performance.now();
  await until('there is load again', async () => isServedSince(load.replies, back));
  expect(recoveryMs(load.replies, back)).toBeLessThan(2000 + machineDelayMs(load));
  const account = await load.stop();
  expect(new Set(during.map(({ status }) => status))).toEqual(new Set([503]));
  expect(during.length).toBeGreaterThan(100);
  expect(slowest(during)).toBeLessThan(1000 + machineDelayMs(account));
  expect(slowest(account.replies)).toBeLessThan(2000 + machineDelayMs(account));
  expect(broken(account.replies)).toEqual([]);
  expect(after.mb - before.mb).toBeLessThan(60);
  expect(after.handles - before.handles).toBeLessThan(20);
  expect(await lostOf(account, server.url)).toEqual([]);
});
