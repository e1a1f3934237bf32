/** What becomes of people's requests when Redis dies, or hangs, while they work. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { end, type LocalRedis, startRedis, until } from '../support/redis.ts';
import { type LocalServer, startServer } from '../support/server.ts';
import { newTenant, type Tenant } from '../support/tenant.ts';
import { broken, heldUpMs, isServedSince, recoveryMs, slowest, wait } from './judge.ts';
import { type Load, lostOf, startLoad } from './load.ts';

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
// Where a test has failed, it has not come to that.
afterEach(() => load?.stop());
afterAll(async () => {
  await server.stop();
  await redis.stop();
  await rm(directory, { recursive: true });
});

test('killed and started again: nothing that was acknowledged is lost, and no id works twice', async () => {
  load = startLoad(server.url, [tenant]);
  await until('there is load', async () => load.acknowledged.length > 50);
  for (let round = 0; round < 2; round++) {
    await end(redis.process, 'SIGKILL');
    await wait(700);
    redis = await startRedis({ directory, port });
    const back = performance.now();
    await until('there is load again', async () => isServedSince(load.replies, back));
    expect(recoveryMs(load.replies, back)).toBeLessThan(2000 + heldUpMs(load));
    await wait(500);
  }
  const account = await load.stop();
  expect(broken(account.replies)).toEqual([]);
  expect(account.replies.filter(({ status }) => status === 503).length).toBeGreaterThan(10);
  expect(slowest(account.replies)).toBeLessThan(2000 + heldUpMs(account));
  expect(await lostOf(account, server.url)).toEqual([]);
});

/** The process's memory in MB, and how many files and sockets it has open. */
async function sizeOf({ pid }: { pid?: number | undefined }): Promise<{ mb: number; handles: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const mb = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
  return { mb, handles: (await readdir(`/proc/${pid}/fd`)).length };
}

test('paused for ten seconds: requests fail in time, and the process neither grows nor wedges', async () => {
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
  expect(recoveryMs(load.replies, back)).toBeLessThan(2000 + heldUpMs(load));
  const account = await load.stop();
  expect(new Set(during.map(({ status }) => status))).toEqual(new Set([503]));
  expect(during.length).toBeGreaterThan(100);
  expect(slowest(during)).toBeLessThan(1000 + heldUpMs(account));
  expect(slowest(account.replies)).toBeLessThan(2000 + heldUpMs(account));
  expect(broken(account.replies)).toEqual([]);
  expect(after.mb - before.mb).toBeLessThan(60);
  expect(after.handles - before.handles).toBeLessThan(20);
  expect(await lostOf(account, server.url)).toEqual([]);
});
