/** The process: start, loss and return of Redis, and stop. */
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { expectEach } from '../support/expect-each.ts';
import { type LocalRedis, startRedis } from '../support/redis.ts';
import { startServer } from '../support/server.ts';
import { operate } from '../support/shared/client.ts';

let redis: LocalRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const settings = { PORT: '0', HOST: '127.0.0.1' };

describe('start', () => {
  test('an invalid setting is reported with one sentence that names it, without a stack trace', async () => {
    const started = startServer({ ...settings, PORTAL_BASE_URL: 'nonsense', REDIS_URL: 'ftp://:hunter2@x' });
    const message = await started.then(
      () => 'it started',
      (error: Error) => error.message,
    );
    expect(message).toMatch(/^REDIS_URL must .*\nPORTAL_BASE_URL must /);
    expect(message).not.toMatch(/hunter2| at /);
  });

  test('it starts without Redis, and becomes ready when Redis starts', async () => {
    const port = await freePort();
    const server = await startServer({ ...settings, REDIS_URL: `redis://127.0.0.1:${port}` });
    for (const _ of [1, 2, 3]) expect((await fetch(`${server.url}/v2/readiness`)).status).toBe(503);
    const late = await startRedis({ port });
    const back = await eventually(async () => (await fetch(`${server.url}/v2/readiness`)).status === 200, 3000);
    expect(back).toBeLessThan(3000);
    await server.stop();
    await late.stop();
    // A probe is not a failure: the outage has its warning, and no probe has a line above info or a stack.
    const lines = server
      .log()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
    expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
    expect(lines.filter(({ msg }) => msg === 'not ready: redis cannot serve')).toHaveLength(1);
    const ofProbes = lines.filter(({ msg }) => msg === 'unkey/application/service_unavailable');
    expect(ofProbes.length).toBeGreaterThan(2);
    expectEach(ofProbes, (line) => expect(line).toMatchObject({ level: 'info', reason: expect.any(String) }));
  });
});

/** Returns how many ms it took until the condition was true, or the limit if it never was. */
async function eventually(condition: () => Promise<boolean>, limitMs: number): Promise<number> {
  const begun = Date.now();
  while (Date.now() - begun < limitMs) {
    if (await condition()) return Date.now() - begun;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return limitMs;
}

describe('Redis', () => {
  const createSession = async (url: string, rootKey: string) => {
    const begun = performance.now();
    const response = await fetch(`${url}/v2/portal.createSession`, {
      method: 'POST',
      headers: { authorization: `Bearer ${rootKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ slug: 'my-portal', externalId: 'u', permissions: ['api.*.read_key'] }),
    });
    const body = (await response.json()) as { error?: { type: string } };
    return {
      status: response.status,
      type: body.error?.type,
      retryAfter: response.headers.get('retry-after'),
      ms: performance.now() - begun,
    };
  };
  const unavailable = {
    status: 503,
    type: 'https://unkey.com/docs/errors/unkey/application/service_unavailable',
    retryAfter: '1',
  };

  test.each(['killed', 'paused'])('%s: returns 503 within a second, and recovers on its own', async (how) => {
    const port = await freePort();
    let own = await startRedis({ port });
    const server = await startServer({ ...settings, REDIS_URL: own.url });
    const { workspaceId, rootKey } = await operate<{ workspaceId: string; rootKey: string }>(
      own.url,
      ...['workspace', 'create', '--name', 'Acme'],
    );
    await operate(own.url, 'portal', 'create', '--workspace', workspaceId, '--slug', 'my-portal');
    expect((await createSession(server.url, rootKey)).status).toBe(200);

    if (how === 'killed') {
      const exited = once(own.process, 'exit');
      own.process.kill('SIGKILL');
      await exited;
    } else own.process.kill('SIGSTOP');
    for (let i = 0; i < 5; i++) {
      // A request that needs no Redis measures the delay that a busy machine adds.
      const begun = performance.now();
      const control = fetch(`${server.url}/v2/liveness`).then(() => performance.now() - begun);
      const { ms, ...response } = await createSession(server.url, rootKey);
      expect(response).toEqual(unavailable);
      expect(ms).toBeLessThan(1000 + (await control));
    }

    if (how === 'killed') own = await startRedis({ port });
    else own.process.kill('SIGCONT');
    // A killed Redis without persistence has lost the root key, so the recovered server returns 401.
    const recoveredStatus = how === 'killed' ? 401 : 200;
    const ms = await eventually(
      async () => (await createSession(server.url, rootKey)).status === recoveredStatus,
      5000,
    );
    expect(ms).toBeLessThan(5000);
    await server.stop();
    await own.stop();
  });
});

describe('SIGTERM', () => {
  test('every accepted request gets a response while clients keep calling over keep-alive connections', async () => {
    const server = await startServer({ ...settings, REDIS_URL: redis.url });
    const agent = new Agent({ keepAlive: true });
    let responses = 0;
    let stop = false;
    /** Calls in sequence until the port is closed. */
    const client = async () => {
      while (!stop) {
        await new Promise<void>((resolve) => {
          const sent = request(`${server.url}/v2/liveness`, { agent }, (response) => {
            response.resume().once('end', () => {
              responses++;
              resolve();
            });
          });
          // No response started, so the server did not accept this request: the connection was refused or closed while
          // idle. The log of the server would show it otherwise.
          sent.once('error', (error: Error & { code?: string }) => {
            stop ||= error.code === 'ECONNREFUSED';
            resolve();
          });
          sent.end();
        });
      }
    };
    const clients = Array.from({ length: 20 }, client);
    await eventually(async () => responses > 500, 20_000);
    await server.stop();
    await Promise.all(clients);
    agent.destroy();
    const accepted = server
      .log()
      .split('\n')
      .filter((line) => line.includes('"operation":"liveness"'));
    expect(accepted.length).toBeGreaterThan(500);
    expect(accepted.filter((line) => !line.includes('"status":200'))).toEqual([]);
    expect(responses).toBe(accepted.length);
  });
});
