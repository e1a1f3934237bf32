import type { Server } from 'node:http';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { keyVerified, requestRefused, sessionCreated, sessionExchanged, type Verified } from '../domain/events.ts';
import { version } from '../package.ts';
import { onRedisCommand } from './redis-commands.ts';
import { operationOf, statusOf } from './response.ts';

/** From the response time of a warm process to the timeout of a client, in seconds. */
const requestBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const commandBuckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

/**
 * Counts what a server does. The values of labels are a fixed set: operations of the contract, statuses, scripts, kinds of
 * failures. A caller cannot create a series.
 *
 * @param isReady the result of readiness, called with each scrape
 * @returns the registry, and a function that stops counting
 */
export function meter(server: Server, isReady: () => Promise<boolean>): { registry: Registry; stop: () => void } {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const requests = new Histogram({
    name: 'portico_http_request_duration_seconds',
    help: 'Requests by operation and status; operation="none" is a page, an asset or an unknown path, code="aborted" a client that disconnected.',
    labelNames: ['operation', 'code'] as const,
    buckets: requestBuckets,
    registers,
  });
  const inFlight = new Gauge({
    name: 'portico_http_requests_in_flight',
    help: 'Requests in progress.',
    registers,
  });
  const limited = new Counter({
    name: 'portico_http_rate_limited_requests_total',
    help: 'Requests with a 429 response, by operation.',
    labelNames: ['operation'] as const,
    registers,
  });
  const refused = new Counter({
    name: 'portico_http_refused_requests_total',
    help: 'Requests with a 503 response because the process serves as many as it can.',
    registers,
  });
  new Gauge({
    name: 'portico_http_connections',
    help: 'Open connections to the server.',
    registers,
    async collect() {
      this.set(await new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count ?? 0))));
    },
  });
  new Gauge({
    name: 'portico_ready',
    help: '1 if readiness returns 200, else 0.',
    registers,
    aggregator: 'min',
    async collect() {
      this.set((await isReady()) ? 1 : 0);
    },
  });
  const commands = new Histogram({
    name: 'portico_redis_command_duration_seconds',
    help: 'Time from sending a command to Redis to its reply; scripts have their own names.',
    labelNames: ['command'] as const,
    buckets: commandBuckets,
    registers,
  });
  const failures = new Counter({
    name: 'portico_redis_command_errors_total',
    help: 'Failed commands, by kind of failure.',
    labelNames: ['command', 'reason'] as const,
    registers,
  });
  const created = new Counter({ name: 'portico_sessions_minted_total', help: 'Created sessions.', registers });
  const exchanged = new Counter({
    name: 'portico_sessions_exchanged_total',
    help: 'Session ids that were exchanged for browser sessions.',
    registers,
  });
  const verifications = new Counter({
    name: 'portico_verifications_total',
    help: 'Verifications of API keys by outcome.',
    labelNames: ['outcome'] as const,
    registers,
  });
  new Gauge({
    name: 'portico_build_info',
    help: 'Always 1; the labels have the versions.',
    labelNames: ['version', 'node_version'] as const,
    registers,
    aggregator: 'first',
  }).set({ version, node_version: process.version }, 1);

  server.on('request', (_req, res) => {
    const begun = performance.now();
    inFlight.inc();
    res.once('close', () => {
      inFlight.dec();
      const operation = operationOf(res) ?? 'none';
      const code = statusOf(res) ?? 'aborted';
      requests.observe({ operation, code }, (performance.now() - begun) / 1000);
      if (code === 429) limited.inc({ operation });
    });
  });

  const countCreated = () => created.inc();
  const countExchanged = () => exchanged.inc();
  const countVerified = (message: unknown) => {
    const { outcome, count } = message as Verified;
    verifications.inc({ outcome }, count);
  };
  const countRefused = () => refused.inc();
  requestRefused.subscribe(countRefused);
  sessionCreated.subscribe(countCreated);
  sessionExchanged.subscribe(countExchanged);
  keyVerified.subscribe(countVerified);
  const stopCommands = onRedisCommand(({ name: command }) => {
    const begun = performance.now();
    return (reason) => {
      commands.observe({ command }, (performance.now() - begun) / 1000);
      if (reason !== undefined) failures.inc({ command, reason });
    };
  });

  return {
    registry,
    stop() {
      requestRefused.unsubscribe(countRefused);
      sessionCreated.unsubscribe(countCreated);
      sessionExchanged.unsubscribe(countExchanged);
      keyVerified.unsubscribe(countVerified);
      stopCommands();
    },
  };
}
