/** A server in the process of the test, with signals that the test sends. It uses a real Redis and a real socket. */
import { EventEmitter, once } from 'node:events';
import { request } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { readConfig } from '../../src/server/config/index.ts';
import type { Self } from '../../src/server/http/process/workers.ts';
import { run } from '../../src/server/run.ts';
import { start } from '../../src/server/start.ts';
import '../support/patient-redis.ts';
import { startRedis, until } from '../support/redis.ts';
import { sharedRedis } from '../support/shared/client.ts';

/** Stops the server of a test that has failed. */
let stop = () => {};
afterEach(() => stop());

/** Runs a server, as the first worker or alone. */
async function runHere(env: Record<string, string>, { isFirst = true } = {}) {
  const port = await freePort();
  const messages: string[] = [];
  const lines: Record<string, unknown>[] = [];
  const log = pino(
    { base: null, timestamp: false },
    {
      write(line) {
        const entry = JSON.parse(line);
        lines.push(entry);
        messages.push(entry.msg);
      },
    },
  );
  const signals = new EventEmitter();
  const left = Promise.withResolvers<void>();
  const self = {
    isWorker: false,
    isFirst,
    on: (signal: string, listener: () => void) => void signals.on(signal, listener),
    leave: () => left.resolve(),
    fail: async (why: string) => void messages.push(why),
  };
  await run(readConfig({ HOST: '127.0.0.1', PORT: String(port), ...env }), log, self);
  stop = () => void (signals.emit('SIGTERM') && signals.emit('SIGTERM'));
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    lines,
    count: (message: string) => messages.filter((logged) => logged === message).length,
    signal: () => signals.emit('SIGTERM'),
    left: left.promise,
  };
}

test('a shutdown: not ready, then the delay, then a held request that needs Redis, then the end', async () => {
  const { env } = await sharedRedis();
  const { url, lines, count, signal, left } = await runHere({ ...env, SHUTDOWN_DELAY_SECONDS: '300' });
  const statusOf = async (operation: string) =>
    (await fetch(`${url}/v2/${operation}`, { headers: { connection: 'close' } })).status;
  await until('it is ready', async () => (await statusOf('readiness')) === 200);
  const finding = 'Redis writes nothing to disk: a restart loses everything.';
  await until('it has logged the findings of the doctor', async () => count(finding) === 1);
  const fix = 'Set "appendonly yes" in redis.conf.';
  expect(lines).toContainEqual({ level: 40, check: 'persistence', fix, msg: finding });
  expect(lines.filter(({ check }) => check === 'version')).toEqual([]);

  const sent = request(`${url}/v2/portal.exchangeSession`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': 26 },
  });
  sent.write('{"sessionId":');
  const response = once(sent, 'response');
  // The server accepts connections in their order, so it has the held one.
  expect(await statusOf('liveness')).toBe(200);

  signal();
  expect(await statusOf('readiness')).toBe(503);
  expect(await statusOf('liveness')).toBe(200);

  signal();
  await until('the port is closed', async () =>
    statusOf('liveness').then(
      () => false,
      () => true,
    ),
  );
  expect(count('stopped')).toBe(0);
  sent.end('"pst_nobody"}');
  const [{ statusCode, headers }] = await response;
  expect([statusCode, headers.connection]).toEqual([401, 'close']);
  await left;
  expect([count('stopping'), count('stopped')]).toEqual([1, 1]);
});

test('a run that is not the first logs where it listens and no findings, and keeps to its limit of connections', async () => {
  const { env } = await sharedRedis();
  const { port, lines, count, signal, left } = await runHere({ ...env, MAX_CONNECTIONS: '1' }, { isFirst: false });
  expect(lines).toContainEqual({ level: 30, port, host: '127.0.0.1', msg: 'listening' });
  const first = connect(port, '127.0.0.1');
  await once(first, 'connect');
  const second = connect(port, '127.0.0.1');
  // It is closed at once, with or without a reset.
  second.on('error', () => {});
  await once(second, 'close');
  first.write('nonsense\r\n\r\n');
  expect(await text(first)).toMatch(/^HTTP\/1.1 400 [\s\S]*is not well-formed HTTP/);
  signal();
  await left;
  expect([count('every operation is compiled'), count('stopped')]).toEqual([1, 1]);
  expect(lines.filter((line) => 'check' in line)).toEqual([]);
});

test('each outage of Redis is logged once, and its end too', async () => {
  const port = await freePort();
  let attempts = 0;
  // It refuses like a port without a Redis, and counts.
  const refusing = createServer((socket) => {
    attempts++;
    socket.resetAndDestroy();
  }).listen(port, '127.0.0.1');
  const { count, signal, left } = await runHere({ REDIS_URL: `redis://127.0.0.1:${port}` });
  await until('it has tried three times', async () => attempts >= 3);
  expect([count('redis is unavailable'), count('redis is available again')]).toEqual([1, 0]);
  refusing.close();

  const redis = await startRedis({ port });
  await until('it is connected', async () => count('redis is available again') === 1);
  await redis.stop();
  await until('it has noticed', async () => count('redis is unavailable') === 2);
  const again = await startRedis({ port });
  await until('it is connected again', async () => count('redis is available again') === 2);
  signal();
  await left;
  await again.stop();
});

/** Starts a process with these settings, as a worker or alone. Resolves with what it did. */
async function startHere(
  env: Record<string, string>,
  { isWorker = false, supervise }: { isWorker?: boolean; supervise?: () => void } = {},
) {
  const did: unknown[] = [];
  const signals = new EventEmitter();
  const left = Promise.withResolvers<void>();
  const self: Self = {
    isWorker,
    isFirst: !isWorker,
    on: (signal, listener) => void signals.on(signal, listener),
    leave: left.resolve,
    fail: async (why) => void did.push(['failed', why]),
  };
  stop = () => void (signals.emit('SIGTERM') && signals.emit('SIGTERM'));
  await start(
    { LOG_LEVEL: 'silent', HOST: '127.0.0.1', ...env },
    self,
    supervise ?? ((count) => void did.push(['supervises', count])),
  );
  return { did, signal: () => signals.emit('SIGTERM'), left: left.promise };
}

test('of several processes, the first supervises and does not serve', async () => {
  const port = await freePort();
  const { did } = await startHere({ PORT: String(port), WORKERS: '2' });
  expect(did).toEqual([['supervises', 2]]);
  await expect(fetch(`http://127.0.0.1:${port}/v2/liveness`)).rejects.toThrow();
});

test.each([
  ['a single process', '1', false],
  ['a worker', '2', true],
])('%s serves', async (_, workers, isWorker) => {
  const { env } = await sharedRedis();
  const port = await freePort();
  const { did, signal, left } = await startHere({ ...env, PORT: String(port), WORKERS: workers }, { isWorker });
  expect((await fetch(`http://127.0.0.1:${port}/v2/liveness`)).status).toBe(200);
  expect(did).toEqual([]);
  signal();
  await left;
});

test('a wrong setting and a port that is taken end the process with one sentence, another error with its stack', async () => {
  const { env } = await sharedRedis();
  expect((await startHere({ PORT: 'abc' })).did).toEqual([['failed', expect.stringMatching(/^PORT [^\n]+\.$/)]]);

  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  expect((await startHere({ ...env, PORT: String(port) })).did).toEqual([
    ['failed', expect.stringMatching(/^PORT=\d+ is in use by another process[^\n]+$/)],
  ]);
  other.close();

  const broken = () => {
    throw new TypeError('a fault of ours');
  };
  expect((await startHere({ WORKERS: '2' }, { supervise: broken })).did).toEqual([
    ['failed', expect.stringMatching(/^TypeError: a fault of ours\n +at /)],
  ]);
});
