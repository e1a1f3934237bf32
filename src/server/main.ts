import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { createApp } from './app.ts';
import { ConfigError, readConfig } from './config/index.ts';
import { diagnose } from './domain/workspaces/doctor.ts';
import { answerBrokenRequests } from './http/process/broken-request.ts';
import { limit, serverLimits } from './http/process/server-limits.ts';
import { isFirst, isWorker, leave, superviseWorkers } from './http/process/workers.ts';
import { observe, observeWorkers } from './observe/index.ts';
import { createLogger } from './observe/logger.ts';
import { createStore, type Store } from './store/index.ts';
import { connectRedis } from './store/redis.ts';

/** How long requests that are under way get to finish after SIGTERM, in ms. */
const drainDeadlineMs = 10_000;

/**
 * Makes a server that can be drained: it stops accepting, finishes what it has accepted, and tells clients to go.
 *
 * What is under way is known by its connection, of which there are few new ones. A set of the responses themselves would
 * change with every request, and what it once held would stay until the next great collection of garbage.
 */
function drainable(server: Server): () => Promise<void> {
  const connections = new Map<Socket, { res?: ServerResponse }>();
  let draining = false;
  const sayGoodbye = (res: ServerResponse) => {
    if (!res.headersSent) res.setHeader('Connection', 'close');
  };
  server.on('connection', (socket) => {
    connections.set(socket, {});
    socket.once('close', () => connections.delete(socket));
  });
  server.on('request', (req, res) => {
    const connection = connections.get(req.socket);
    if (connection !== undefined) connection.res = res;
    if (draining) sayGoodbye(res);
  });
  return async () => {
    draining = true;
    for (const { res } of connections.values()) if (res !== undefined) sayGoodbye(res);
    await close(server);
  };
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  const timer = setTimeout(() => server.closeAllConnections(), drainDeadlineMs);
  await closed;
  clearTimeout(timer);
}

/** Says in the log what `portico doctor` would say. Nothing of it keeps the server from serving. */
async function warnOfFindings(store: Store, portalBaseUrl: string, log: Logger): Promise<void> {
  const findings = await diagnose(store, portalBaseUrl).catch(() => []);
  for (const { check, level, message, fix } of findings) if (level !== 'ok') log.warn({ check, fix }, message);
}

async function main(): Promise<void> {
  const config = readConfig();
  const log = createLogger(config.logLevel);
  if (config.workers > 1 && !isWorker) {
    superviseWorkers(config.workers, log);
    await observeWorkers(config, log);
    return;
  }
  const server = createServer(serverLimits);
  limit(server);
  answerBrokenRequests(server, config.docsBaseUrl, log);
  const observation = await observe(server, config);
  let outage = false;
  const redis = connectRedis(config.redis, {
    onError(error) {
      // Once an outage, not once a try.
      if (!outage) log.warn({ err: error }, 'redis is unavailable');
      outage = true;
    },
    onReady() {
      if (outage) log.info('redis is available again');
      outage = false;
    },
  });
  // Before anything else: what comes next holds up the process for longer than a connection may take.
  await redis.ready;
  const store = createStore(redis, config.audit, config.rateLimits);
  const drain = drainable(server);
  const { app, warmUp, beginStopping, isReady } = await createApp({ config, store, log });
  server.on('request', observation.around(app));
  server.listen(config.port, config.host);
  await once(server, 'listening');
  log.info({ port: (server.address() as AddressInfo).port, host: config.host }, 'listening');

  await observation.serve(isReady, log);

  const delay = new AbortController();
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, async () => {
      if (stopping) {
        // Whoever says it again does not want to wait. A worker may be told twice by one: by who started it, and with them.
        if (!isWorker) delay.abort();
        return;
      }
      stopping = true;
      log.info({ signal }, 'stopping');
      beginStopping();
      await sleep(config.shutdownDelaySeconds * 1000, undefined, { signal: delay.signal }).catch(() => {});
      await drain();
      await store.close();
      await observation.stop();
      log.info('stopped');
      leave();
    });
  }

  await warmUp();
  log.info('every operation is compiled');
  if (isFirst) void warnOfFindings(store, config.portalBaseUrl, log);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError ? error.message : (error as Error).stack}\n`);
  process.exitCode = 1;
  // A half-started server must not linger on an open Redis connection.
  process.exit();
}
