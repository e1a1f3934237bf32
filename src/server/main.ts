import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { createApp } from './app.ts';
import { ConfigError, readConfig } from './config/index.ts';
import { diagnose } from './domain/workspaces/doctor.ts';
import { answerBrokenRequests } from './http/process/broken-request.ts';
import { drainable } from './http/process/drain.ts';
import { limit, serverLimits } from './http/process/server-limits.ts';
import { isFirst, isWorker, leave, reportStartError, superviseWorkers } from './http/process/workers.ts';
import { ListenError, listen } from './listen.ts';
import { observe, observeWorkers } from './observe/index.ts';
import { createLogger } from './observe/logger.ts';
import { createStore, type Store } from './store/index.ts';
import { connectRedis } from './store/redis.ts';

/** Logs the findings of `portico doctor`. A finding does not stop the server. */
async function logFindings(store: Store, portalBaseUrl: string, log: Logger): Promise<void> {
  const findings = await diagnose(store, portalBaseUrl).catch(() => []);
  for (const { check, level, message, fix } of findings) if (level !== 'ok') log.warn({ check, fix }, message);
}

async function main(): Promise<void> {
  const config = readConfig();
  const log = createLogger(config.logLevel);
  if (config.workers > 1 && !isWorker) {
    // First, so that a metrics port in use is reported before workers start.
    await observeWorkers(config, log);
    superviseWorkers(config.workers, log);
    return;
  }
  const server = createServer(serverLimits);
  limit(server);
  answerBrokenRequests(server, config.docsBaseUrl, log);
  const observation = await observe(server, config);
  let outage = false;
  const redis = connectRedis(config.redis, {
    onError(error) {
      // Once per outage, not once per attempt.
      if (!outage) log.warn({ err: error }, 'redis is unavailable');
      outage = true;
    },
    onReady() {
      if (outage) log.info('redis is available again');
      outage = false;
    },
  });
  // First of all: creating the app blocks the process for longer than the deadline of a connection.
  await redis.ready;
  const store = createStore(redis, config.audit, config.rateLimits);
  const drain = drainable(server);
  const { app, warmUp, beginStopping, isReady } = createApp({ config, store, log });
  server.on('request', observation.around(app));
  await listen(server, config, { port: 'PORT', host: 'HOST' });
  log.info({ port: (server.address() as AddressInfo).port, host: config.host }, 'listening');
  // Compiling the contract, below, delays the timer that writes buffered lines.
  log.flush();

  await observation.serve(isReady, log);

  const delay = new AbortController();
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, async () => {
      if (stopping) {
        // A second signal skips the delay. A worker ignores it: Ctrl-C reaches it twice, from the terminal and the supervisor.
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
  if (isFirst) void logFindings(store, config.portalBaseUrl, log);
}

try {
  await main();
} catch (error) {
  const isExpected = error instanceof ConfigError || error instanceof ListenError;
  await reportStartError(String(isExpected ? error.message : (error as Error).stack));
  // An open connection to Redis would keep the process alive.
  process.exit(1);
}
