/** Readiness when Redis responds but cannot serve, and while a process starts and stops. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createClient } from 'redis';
import { type LocalRedis, startRedis } from '../support/redis.ts';
import { type LocalServer, startServer } from '../support/server.ts';

const settings = { PORT: '0', HOST: '127.0.0.1' };
const readiness = async ({ url }: { url: string }) => (await fetch(`${url}/v2/readiness`)).status;
const liveness = async ({ url }: { url: string }) => (await fetch(`${url}/v2/liveness`)).status;

/** Waits up to 5 s until readiness returns this status. */
async function until(server: LocalServer, status: number): Promise<void> {
  for (const deadline = Date.now() + 5000; (await readiness(server)) !== status; ) {
    if (Date.now() > deadline) throw new Error(`readiness did not become ${status}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('a Redis that responds to PING but refuses writes', () => {
  let directory: string;
  let redis: LocalRedis;
  let server: LocalServer;
  let admin: ReturnType<typeof createClient>;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'portico-readiness-'));
    redis = await startRedis({ directory });
    server = await startServer({ ...settings, REDIS_URL: redis.url });
    admin = createClient({ url: redis.url });
    admin.on('error', () => {});
    await admin.connect();
  });
  afterEach(async () => {
    await until(server, 200);
    // The probe must leave no keys.
    expect(await admin.keys('*')).toEqual(['portico:dataset']);
  });
  afterAll(async () => {
    admin.destroy();
    await server.stop();
    await redis.stop();
    await rm(directory, { recursive: true });
  });

  test('out of memory', async () => {
    await admin.configSet('maxmemory', '1');
    expect(await admin.ping()).toBe('PONG');
    expect(await readiness(server)).toBe(503);
    expect(await liveness(server)).toBe(200);
    await admin.configSet('maxmemory', '0');
  });

  test('almost out of memory: not ready before a write is refused', async () => {
    const value = 'x'.repeat(30_000);
    const used = async () => Number(/used_memory:(\d+)/.exec(await admin.info('memory'))?.[1]);
    const seen = new Set<string>();
    // From enough room for many writes to none.
    for (let room = 400_000; room > -100_000; room -= 10_000) {
      await admin.configSet('maxmemory', String((await used()) + room));
      const status = await readiness(server);
      const write = await admin.set('written', value).then(
        () => 'accepted',
        (error: Error) => error.message.split(' ')[0],
      );
      await admin.configSet('maxmemory', '0');
      await admin.del('written');
      seen.add(`${write} ${status}`);
    }
    expect(seen).toEqual(new Set(['accepted 200', 'accepted 503', 'OOM 503']));
  });

  test('a replica', async () => {
    const primary = await startRedis();
    await admin.sendCommand(['REPLICAOF', '127.0.0.1', String(primary.port)]);
    expect(await readiness(server)).toBe(503);
    await admin.sendCommand(['REPLICAOF', 'NO', 'ONE']);
    await primary.stop();
  });

  test('with fewer replicas than min-replicas-to-write', async () => {
    await admin.configSet('min-replicas-to-write', '1');
    expect(await admin.ping()).toBe('PONG');
    expect(await readiness(server)).toBe(503);
    await admin.configSet('min-replicas-to-write', '0');
  });
});

test('a Redis that is loading its data', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'portico-readiness-'));
  const first = await startRedis({ directory });
  const server = await startServer({ ...settings, REDIS_URL: first.url });
  const admin = createClient({ url: first.url });
  admin.on('error', () => {});
  await admin.connect();
  for (let i = 0; i < 2000; i++) await admin.set(`filler:${i}`, 'x');
  await first.stop();
  // Redis waits 1000 µs for each key: two seconds in total.
  const options = ['--key-load-delay', '1000'];
  const second = startRedis({ directory, port: first.port, options });
  const seen: string[] = [];
  for (const deadline = Date.now() + 20_000; !seen.includes('PONG 200') && Date.now() < deadline; ) {
    const ping = await admin.ping().catch((error: Error) => error.message.split(' ')[0] ?? '');
    seen.push(`${ping} ${await readiness(server)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(seen).toContain('LOADING 503');
  expect(seen).not.toContain('LOADING 200');
  expect(seen.at(-1)).toBe('PONG 200');
  admin.destroy();
  await server.stop();
  await (await second).stop();
  await rm(directory, { recursive: true });
});

describe('a process', () => {
  let redis: LocalRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  test('reports not ready until it has compiled every operation', async () => {
    const main = join(import.meta.dirname, '../../src/server/main.ts');
    const env = { ...process.env, ...settings, REDIS_URL: redis.url };
    const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let log = '';
    const waitForLog = async (text: string) => {
      while (!log.includes(text)) log += (await once(child.stdout, 'data')).join('');
    };
    await waitForLog('"msg":"listening"');
    const { port } = JSON.parse(log.split('\n').find((line) => line.includes('"msg":"listening"')) ?? '');
    const url = `http://127.0.0.1:${port}`;
    expect([await liveness({ url }), await readiness({ url })]).toEqual([200, 503]);
    await waitForLog('every operation is compiled');
    expect(await readiness({ url })).toBe(200);
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  });

  test('is not ready after SIGTERM, still serves, and exits at a second SIGTERM', async () => {
    const server = await startServer({ ...settings, REDIS_URL: redis.url, SHUTDOWN_DELAY_SECONDS: '60' });
    const exited = once(server.process, 'exit');
    server.process.kill('SIGTERM');
    await until(server, 503);
    expect(await liveness(server)).toBe(200);
    server.process.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });
});
