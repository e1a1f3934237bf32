/** Several processes on one port: how they start, what becomes of one that crashes, and how they stop. */
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type LocalRedis, startRedis, until } from '../support/redis.ts';
import { type LocalServer, startServer } from '../support/server.ts';

let redis: LocalRedis;
let server: LocalServer | undefined;
beforeAll(async () => {
  redis = await startRedis();
});
afterEach(() => server?.stop());
afterAll(() => redis.stop());

const settings = () => ({ PORT: '0', HOST: '127.0.0.1', WORKERS: '2', REDIS_URL: redis.url, NODE_ENV: 'production' });

const workersOf = async ({ pid }: { pid?: number | undefined }) =>
  (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').filter(Boolean).map(Number);

/** How often a line is in the log. */
const said = (message: string) => server?.log().split(`"msg":"${message}"`).length ?? 0;

async function startWorkers(): Promise<LocalServer> {
  server = await startServer(settings());
  await until('both are there', async () => said('every operation is compiled') === 3);
  return server;
}

/** Calls one after another over few connections, until nothing listens any more, and counts what was answered. */
function keepCalling(url: string, clients: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const seen = { answered: 0, others: new Set<number | undefined>() };
  let isOver = false;
  const one = () =>
    new Promise<void>((resolve) => {
      const sent = request(`${url}/v2/liveness`, { agent }, (response) => {
        response.resume().once('end', () => {
          seen.answered++;
          if (response.statusCode !== 200) seen.others.add(response.statusCode);
          resolve();
        });
      });
      sent.once('error', (error: Error & { code?: string }) => {
        isOver ||= error.code === 'ECONNREFUSED';
        // No answer began, so no request was accepted: the server's own count below would show one that was.
        resolve();
      });
      sent.end();
    });
  const done = Promise.all(
    Array.from({ length: clients }, async () => {
      while (!isOver) await one();
    }),
  );
  return { seen, done: done.finally(() => agent.destroy()) };
}

test('a worker that crashes is replaced, and the others go on', async () => {
  const { process: primary, url } = await startWorkers();
  const before = await workersOf(primary);
  expect(before).toHaveLength(2);
  process.kill(before[0] ?? 0, 'SIGKILL');
  // What it had accepted, and what was just being handed to it, is lost with it; nothing is from then on.
  await until('it was noticed', async () => said('a worker ended and is replaced') === 2);
  for (let i = 0; i < 20; i++)
    expect((await fetch(`${url}/v2/readiness`, { headers: { connection: 'close' } })).ok).toBe(true);
  await until('there are two again', async () => said('every operation is compiled') === 4);
  const after = await workersOf(primary);
  expect(after).toHaveLength(2);
  expect(after).not.toContain(before[0]);
  expect(server?.log()).toMatch(/"signal":"SIGKILL","inMs":200,"msg":"a worker ended and is replaced"/);
});

test('SIGTERM under load: every request that was accepted is answered, and all processes end', async () => {
  const { process: primary, url } = await startWorkers();
  const workers = await workersOf(primary);
  const accepted = () => server?.log().match(/"operation":"liveness"[^\n]*"status":200/g)?.length ?? 0;
  const before = accepted();
  const { seen, done } = keepCalling(url, 20);
  await until('there is load', async () => seen.answered > 500);
  await server?.stop();
  await done;
  expect(primary.exitCode).toBe(0);
  for (const pid of workers) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  expect([...seen.others]).toEqual([]);
  expect(seen.answered).toBe(accepted() - before);
  expect(said('stopped')).toBe(3);
});

test('told twice, as a service manager tells every process, they drain once', async () => {
  const { process: primary } = await startWorkers();
  for (const pid of await workersOf(primary)) process.kill(pid, 'SIGTERM');
  await server?.stop();
  expect(primary.exitCode).toBe(0);
  expect(server?.log()).not.toMatch(/"level":"(error|fatal)"/);
});

test('where no worker can start, the whole ends with 1', async () => {
  const taken = await startServer({ ...settings(), WORKERS: '1' });
  server = taken;
  const failed = startServer({ ...settings(), PORT: String(taken.port) });
  await expect(failed).rejects.toThrow('is in use by another process');
});
