/**
 * Several worker processes that serve one port, and the process that supervises them. They are processes and not threads:
 * each has its own heap and event loop, and a crash does not affect the others. Node shares the port among them.
 */
import cluster, { type Worker } from 'node:cluster';
import type { Logger } from 'pino';

/** The delay before a worker that failed early is replaced, in ms. */
const backoffMs = (failures: number) => Math.min(100 * 2 ** failures, 10_000);

/** A worker that lived this long, in ms, resets the delay. */
const longLifeMs = 10_000;

/**
 * Starts the workers and replaces each one that ends. A signal stops the workers; the process ends after the last of them.
 * If the first workers cannot start, the process ends with exit code 1, because a replacement would fail the same way.
 */
export function superviseWorkers(count: number, log: Logger): void {
  let stopping = false;
  let hasServed = false;
  let failures = 0;
  let reported = false;

  function fork(): void {
    const begun = performance.now();
    const worker = cluster.fork();
    worker.once('listening', () => {
      hasServed = true;
    });
    worker.on('message', ({ startError }: StartErrorMessage) => {
      // At the start all workers fail for the same reason.
      if (startError !== undefined && !reported) process.stderr.write(`${startError}\n`);
      reported ||= startError !== undefined && !hasServed;
    });
    worker.once('exit', (code, signal) => onExit(worker, performance.now() - begun, code, signal));
  }

  function onExit({ id }: Worker, lifeMs: number, code: number, signal: string | null): void {
    if (stopping) return;
    if (!hasServed) {
      stop();
      process.exitCode = 1;
      return;
    }
    failures = lifeMs > longLifeMs ? 0 : failures + 1;
    const inMs = backoffMs(failures);
    log.error({ worker: id, code, signal, inMs }, 'a worker ended and is replaced');
    setTimeout(() => stopping || fork(), inMs);
  }

  function stop(): void {
    stopping = true;
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM');
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (!stopping) log.info({ signal, workers: count }, 'stopping the workers');
      stop();
    });
  }
  for (let i = 0; i < count; i++) fork();
}

/** Whether this process is a worker. */
export const isWorker = cluster.isWorker;

/** Whether this process logs what is logged once for all workers. */
export const isFirst = !cluster.isWorker || cluster.worker?.id === 1;

/** Disconnects a stopped worker from its supervisor, so that it can end. */
export function leave(): void {
  if (cluster.isWorker) process.disconnect();
}

/** A worker sends it to its supervisor. */
interface StartErrorMessage {
  startError?: string;
}

/** Prints why the process cannot start. A worker sends it to the supervisor, which prints it once for all workers. */
export async function reportStartError(startError: string): Promise<void> {
  const message: StartErrorMessage = { startError };
  if (cluster.isWorker) await new Promise((sent) => process.send?.(message, undefined, undefined, sent));
  else process.stderr.write(`${startError}\n`);
}
