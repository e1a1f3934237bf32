/** Metrics and traces. Each is loaded only if it is enabled. */
import cluster from 'node:cluster';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import type { Config } from '../config/index.ts';
import type { Listener } from './response.ts';

/** The observation of a server. */
export interface Observation {
  /** Wraps the listener of the server. */
  around(listener: Listener): Listener;
  /**
   * Serves the metrics, if they are enabled. Call it once, after the app is created.
   *
   * @throws ListenError
   */
  serve(isReady: () => Promise<boolean>, log: Logger): Promise<void>;
  /** Sends the remaining spans and stops. Call it last. */
  stop(): Promise<void>;
}

function logAddress(metricsServer: Server, log: Logger): void {
  const { port, address: host } = metricsServer.address() as AddressInfo;
  log.info({ port, host }, 'metrics are served');
}

/**
 * Serves the metrics of all workers from their supervisor, if metrics are enabled.
 *
 * @throws ListenError
 */
export async function observeWorkers({ metrics }: Pick<Config, 'metrics'>, log: Logger): Promise<void> {
  if (!metrics) return;
  const { serveWorkersMetrics } = await import('./metrics-server.ts');
  logAddress(await serveWorkersMetrics(metrics), log);
}

/**
 * Starts metrics and traces, if they are enabled. Call it before the server listens. If both are disabled, their libraries
 * are not loaded and the listener is not wrapped.
 */
export async function observe(
  server: Server,
  { metrics, traces }: Pick<Config, 'metrics' | 'traces'>,
): Promise<Observation> {
  let ready: () => Promise<boolean> = async () => false;
  const meter = metrics && (await import('./metrics.ts')).meter(server, () => ready());
  const tracing = traces && (await import('./traces.ts')).startTracing(traces.sampler);
  let metricsServer: Server | undefined;
  return {
    around: (listener) => tracing?.around(listener) ?? listener,
    async serve(isReady, log) {
      ready = isReady;
      if (!metrics || !meter) return;
      // The workers share one metrics port. A scrape must cover all of them, so the supervisor collects from each.
      if (cluster.isWorker) {
        const { AggregatorRegistry } = await import('prom-client');
        AggregatorRegistry.setRegistries(meter.registry);
        // Its constructor registers the listener that responds to the supervisor.
        new AggregatorRegistry();
        return;
      }
      const { serveMetrics } = await import('./metrics-server.ts');
      metricsServer = await serveMetrics(meter.registry, metrics);
      logAddress(metricsServer, log);
    },
    async stop() {
      meter?.stop();
      if (metricsServer !== undefined) {
        metricsServer.close();
        metricsServer.closeAllConnections();
        await once(metricsServer, 'close');
      }
      await tracing?.stop();
    },
  };
}
