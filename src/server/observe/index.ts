/** What others may see of the running server: metrics and traces, each where it is asked for. */
import cluster from 'node:cluster';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import type { Config } from '../config/index.ts';
import type { Listener } from './exchange.ts';

/** What watches a server. */
export interface Observation {
  /** The listener that the server is to have in the place of its own. */
  around(listener: Listener): Listener;
  /** Serves the metrics, where they are asked for. Call it once there is something to say. */
  serve(isReady: () => Promise<boolean>, log: Logger): Promise<void>;
  /** Sends the spans that are left and stops. Call it last. */
  stop(): Promise<void>;
}

function tell(metricsServer: Server, log: Logger): void {
  const { port, address: host } = metricsServer.address() as AddressInfo;
  log.info({ port, host }, 'metrics are served');
}

/** Serves the metrics of all workers, where they are asked for, from the process that started them. */
export async function observeWorkers({ metrics }: Pick<Config, 'metrics'>, log: Logger): Promise<void> {
  if (!metrics) return;
  const { serveWorkersMetrics } = await import('./metrics-server.ts');
  tell(await serveWorkersMetrics(metrics), log);
}

/**
 * Begins to watch, before anything is there to be seen. Where neither metrics nor traces are asked for, nothing of theirs is
 * loaded and the listener stays the same.
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
      // All workers share one port, and a scrape must not be of one of them by chance: who started them asks each.
      if (cluster.isWorker) {
        const { AggregatorRegistry } = await import('prom-client');
        AggregatorRegistry.setRegistries(meter.registry);
        // Made for what it does then: it answers whoever asks.
        new AggregatorRegistry();
        return;
      }
      const { serveMetrics } = await import('./metrics-server.ts');
      metricsServer = await serveMetrics(meter.registry, metrics);
      tell(metricsServer, log);
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
