import type { Server } from 'node:http';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { keyVerified, sessionCreated, sessionExchanged, type VerificationOutcome } from '../domain/events.ts';
import { version } from '../package.ts';
import { operationOf, statusOf } from './exchange.ts';
import { onRedisCommand } from './redis-commands.ts';

/** From what a warm process needs to what a caller gives up at, in seconds. */
const requestBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const commandBuckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

/**
 * Counts what a server does. Every label is one of a few known words: an operation of the contract, a status, a script, a
 * kind of failure. Nothing that a caller makes up becomes a series.
 *
 * @param isReady what readiness would say; asked with each scrape
 * @returns the registry, and a function that stops counting
 */
export function meter(server: Server, isReady: () => Promise<boolean>): { registry: Registry; stop: () => void } {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const requests = new Histogram({
    name: 'portico_http_request_duration_seconds',
    help: 'Requests by operation and status; operation="none" is a page, an asset or nowhere, code="aborted" a caller that left.',
    labelNames: ['operation', 'code'] as const,
    buckets: requestBuckets,
    registers,
  });
  const inFlight = new Gauge({
    name: 'portico_http_requests_in_flight',
    help: 'Requests that are being answered.',
    registers,
  });
  const limited = new Counter({
    name: 'portico_http_rate_limited_requests_total',
    help: 'Requests that were answered 429, by operation.',
    labelNames: ['operation'] as const,
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
    help: '1 where readiness answers 200, else 0.',
    registers,
    aggregator: 'min',
    async collect() {
      this.set((await isReady()) ? 1 : 0);
    },
  });
  const commands = new Histogram({
    name: 'portico_redis_command_duration_seconds',
    help: 'Commands to Redis, from being sent to being answered; scripts by their own names.',
    labelNames: ['command'] as const,
    buckets: commandBuckets,
    registers,
  });
  const failures = new Counter({
    name: 'portico_redis_command_errors_total',
    help: 'Commands that failed, by the kind of failure.',
    labelNames: ['command', 'reason'] as const,
    registers,
  });
  const minted = new Counter({ name: 'portico_sessions_minted_total', help: 'Sessions that were minted.', registers });
  const exchanged = new Counter({
    name: 'portico_sessions_exchanged_total',
    help: 'Session ids that became browser sessions.',
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
    help: 'Always 1; the labels say what runs.',
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

  const countMinted = () => minted.inc();
  const countExchanged = () => exchanged.inc();
  const countVerified = (outcome: unknown) => verifications.inc({ outcome: outcome as VerificationOutcome });
  sessionCreated.subscribe(countMinted);
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
      sessionCreated.unsubscribe(countMinted);
      sessionExchanged.unsubscribe(countExchanged);
      keyVerified.unsubscribe(countVerified);
      stopCommands();
    },
  };
}
