/** The process: how it starts, what it does when Redis goes and comes back, and how it stops. */
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../../contract-tests/targets/free-port.ts';
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
  test('a bad setting is refused with a sentence that names it, without a stack', async () => {
    const started = startServer({ ...settings, PORTAL_BASE_URL: 'nonsense', REDIS_URL: 'ftp://:hunter2@x' });
    const message = await started.then(
      () => 'it started',
      (error: Error) => error.message,
    );
    expect(message).toMatch(/^REDIS_URL must .*\nPORTAL_BASE_URL must /);
    expect(message).not.toMatch(/hunter2| at /);
  });

  test('it starts without Redis, says that it is not ready, and is once Redis is there', async () => {
    const port = await freePort();
    const server = await startServer({ ...settings, REDIS_URL: `redis://127.0.0.1:${port}` });
    expect((await fetch(`${server.url}/v2/readiness`)).status).toBe(503);
    const late = await startRedis({ port });
    const back = await eventually(async () => (await fetch(`${server.url}/v2/readiness`)).status === 200, 3000);
    expect(back).toBeLessThan(3000);
    await server.stop();
    await late.stop();
  });
});

/** How many ms it took to come true; the limit where it did not. */
async function eventually(holds: () => Promise<boolean>, limitMs: number): Promise<number> {
  const begun = Date.now();
  while (Date.now() - begun < limitMs) {
    if (await holds()) return Date.now() - begun;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return limitMs;
}

describe('Redis', () => {
  const mint = async (url: string, rootKey: string) => {
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

  test.each(['killed', 'stopped from answering'])('%s: 503 within a second, and well again by itself', async (how) => {
    const port = await freePort();
    let own = await startRedis({ port });
    const server = await startServer({ ...settings, REDIS_URL: own.url });
    const { workspaceId, rootKey } = await operate<{ workspaceId: string; rootKey: string }>(
      own.url,
      ...['workspace', 'create', '--name', 'Acme'],
    );
    await operate(own.url, 'portal', 'create', '--workspace', workspaceId, '--slug', 'my-portal');
    expect((await mint(server.url, rootKey)).status).toBe(200);

    if (how === 'killed') {
      const exited = once(own.process, 'exit');
      own.process.kill('SIGKILL');
      await exited;
    } else own.process.kill('SIGSTOP');
    for (let i = 0; i < 5; i++) {
      // What needs no Redis takes as long as the machine is busy.
      const begun = performance.now();
      const control = fetch(`${server.url}/v2/liveness`).then(() => performance.now() - begun);
      const { ms, ...answer } = await mint(server.url, rootKey);
      expect(answer).toEqual(unavailable);
      expect(ms).toBeLessThan(1000 + (await control));
    }

    if (how === 'killed') own = await startRedis({ port });
    else own.process.kill('SIGCONT');
    // A Redis that was killed without persistence has forgotten the key; any answer of its own will do.
    const wellAgain = how === 'killed' ? 401 : 200;
    const ms = await eventually(async () => (await mint(server.url, rootKey)).status === wellAgain, 5000);
    expect(ms).toBeLessThan(5000);
    await server.stop();
    await own.stop();
  });
});

describe('SIGTERM', () => {
  test('a request that is under way is answered, then the process ends with 0', async () => {
    const server = await startServer({ ...settings, REDIS_URL: redis.url });
    const sent = request(`${server.url}/v2/portal.exchangeSession`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': 26 },
    });
    const answered = once(sent, 'response');
    // The server has accepted the request, and waits for the rest of its body.
    sent.write('{"sessionId":');
    await new Promise((resolve) => setTimeout(resolve, 200));
    const exited = once(server.process, 'exit');
    server.process.kill('SIGTERM');
    await eventually(async () => server.log().includes('"msg":"stopping"'), 2000);
    sent.end('"pst_nobody"}');
    const [response] = await answered;
    expect(response.statusCode).toBe(401);
    expect(response.headers.connection).toBe('close');
    response.resume();
    expect(await exited).toEqual([0, null]);
  });

  test('every request that the server accepted is answered while clients keep calling over keep-alive connections', async () => {
    const server = await startServer({ ...settings, REDIS_URL: redis.url });
    const agent = new Agent({ keepAlive: true });
    let answered = 0;
    let stop = false;
    /** Calls one after another until nothing listens any more. */
    const client = async () => {
      while (!stop) {
        await new Promise<void>((resolve) => {
          const sent = request(`${server.url}/v2/liveness`, { agent }, (response) => {
            response.resume().once('end', () => {
              answered++;
              resolve();
            });
          });
          // No answer began, so no request was accepted: the connection was refused, or closed while it was idle. The
          // server's own count below would show one that was.
          sent.once('error', (error: Error & { code?: string }) => {
            stop ||= error.code === 'ECONNREFUSED';
            resolve();
          });
          sent.end();
        });
      }
    };
    const clients = Array.from({ length: 20 }, client);
    await eventually(async () => answered > 500, 20_000);
    await server.stop();
    await Promise.all(clients);
    agent.destroy();
    const accepted = server
      .log()
      .split('\n')
      .filter((line) => line.includes('"operation":"liveness"'));
    expect(accepted.length).toBeGreaterThan(500);
    expect(accepted.filter((line) => !line.includes('"status":200'))).toEqual([]);
    expect(answered).toBe(accepted.length);
  });
});
