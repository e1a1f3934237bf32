import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp } from './app.ts';
import { ConfigError, readConfig } from './config.ts';
import { createLogger } from './logger.ts';
import { createStore } from './store/index.ts';
import { connectRedis } from './store/redis.ts';

/** How long requests that are under way get to finish after SIGTERM, in ms. */
const drainDeadlineMs = 10_000;

/** Stops accepting, lets every accepted request finish, and tells keep-alive clients to go. */
async function drain(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  const timer = setTimeout(() => server.closeAllConnections(), drainDeadlineMs);
  await closed;
  clearTimeout(timer);
}

async function main(): Promise<void> {
  const config = readConfig();
  const log = createLogger(config.logLevel);
  let redisWell = true;
  const redis = await connectRedis(config.redisUrl, (error) => {
    // Once an outage, not once a try.
    if (redisWell) log.warn({ err: error }, 'redis is unavailable');
    redisWell = false;
  });
  const store = createStore(redis);
  const server = createServer();
  // Answers of a server that is going away say so, and no idle connection keeps it.
  let stopping = false;
  server.on('request', (_req, res) => {
    if (stopping) res.setHeader('Connection', 'close');
  });
  server.on('request', await createApp({ config, store, log }));
  server.listen(config.port, config.host);
  await once(server, 'listening');
  log.info({ port: (server.address() as AddressInfo).port, host: config.host }, 'listening');

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, async () => {
      stopping = true;
      log.info({ signal }, 'stopping');
      await drain(server);
      await store.close();
      log.info('stopped');
    });
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError ? error.message : (error as Error).stack}\n`);
  process.exitCode = 1;
  // A half-started server must not linger on an open Redis connection.
  process.exit();
}
