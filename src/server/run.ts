import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { createApp } from './app.ts';
import type { Config } from './config/index.ts';
import { startErasures } from './domain/identities/erasure.ts';
import { startRollUps } from './domain/usage/roll-ups.ts';
import { startControlChecks } from './domain/workspaces/control-checks.ts';
import { diagnose } from './domain/workspaces/doctor.ts';
import { continueRemovals } from './domain/workspaces/removals.ts';
import { answerBrokenRequests } from './http/process/broken-request.ts';
import { drainable } from './http/process/drain.ts';
import { limit, serverLimits } from './http/process/server-limits.ts';
import { stopOnSignal } from './http/process/shutdown.ts';
import { self as thisProcess } from './http/process/workers.ts';
import { listen } from './listen.ts';
import { observe } from './observe/index.ts';
import { admission } from './store/dataset.ts';
import { createStore, type Store } from './store/index.ts';
import { connectRedis, DataRefused } from './store/redis.ts';

/** Logs the findings of `portico doctor`. A finding does not stop the server. */
async function logFindings(store: Store, { portalBaseUrl, redis }: Config, log: Logger): Promise<void> {
  const findings = await diagnose(store, portalBaseUrl, redis).catch(() => []);
  for (const { check, level, message, fix } of findings) if (level !== 'ok') log.warn({ check, fix }, message);
}

/**
 * Runs one server until a signal stops it. Resolves once every operation is compiled.
 *
 * @param self the real process, unless a test passes its own
 * @throws ListenError; DataRefused if another version has written the data; Error if the contract cannot be compiled
 */
export async function run(config: Config, log: Logger, self = thisProcess): Promise<void> {
  const server = createServer(serverLimits);
  limit(server, config.maxConnections);
  answerBrokenRequests(server, config.docsBaseUrl, log);
  const observation = await observe(server, config);
  let outage = false;
  let lastRefusal = '';
  const listeners = {
    onError(error: Error) {
      // Once per outage, not once per attempt.
      if (error instanceof DataRefused && lastRefusal !== error.message) log.error(error.message);
      else if (!outage) log.warn({ err: error }, 'redis is unavailable');
      if (error instanceof DataRefused) lastRefusal = error.message;
      outage = true;
    },
    onReady() {
      if (outage) log.info('redis is available again');
      outage = false;
      lastRefusal = '';
    },
  };
  const redis = connectRedis(config.redis, listeners, admission());
  // First of all: creating the app blocks the process for longer than the deadline of a connection.
  await redis.ready;
  const refusal = redis.refusal();
  // A backup can be fenced while the server waits. Another version cannot become this one.
  if (refusal?.kind === 'format') {
    await redis.close();
    throw refusal;
  }
  const store = createStore(redis, config.audit, config.rateLimits, config.limits);
  const drain = drainable(server);
  const { app, admit, warmUp, beginStopping, isReady } = createApp({ config, store, log });
  server.on('request', admit(observation.around(app)));
  await listen(server, config, { port: 'PORT', host: 'HOST' }).catch(async (error: unknown) => {
    await store.close();
    throw error;
  });
  log.info({ port: (server.address() as AddressInfo).port, host: config.host }, 'listening');
  // Compiling the contract, below, delays the timer that writes buffered lines.
  log.flush();

  await observation.serve(isReady, log);

  const stopRollUps = startRollUps(store, config.usageRetentionDays);
  const stopControlChecks = startControlChecks(store);
  const stopErasures = startErasures(store);
  const close = async () => {
    stopControlChecks();
    stopErasures();
    await stopRollUps();
    await store.close();
    await observation.stop();
  };
  stopOnSignal({ beginStopping, delayMs: config.shutdownDelaySeconds * 1000, drain, close }, self, log);

  await warmUp();
  log.info('every operation is compiled');
  if (!self.isFirst) return;
  void logFindings(store, config, log);
  void continueRemovals(store);
}
