/**
 * Several processes that serve on one port, and one that sees to it that they are there. Processes, and not threads: each has
 * a heap and an event loop to itself, and takes nobody along where it crashes; the port they share is Node's own doing.
 */
import cluster, { type Worker } from 'node:cluster';
import type { Logger } from 'pino';

/** How long to wait before a worker is replaced that did not live long, in ms. */
const backoffMs = (failures: number) => Math.min(100 * 2 ** failures, 10_000);

/** A worker that lived as long as this, in ms, has shown that it can. */
const longLifeMs = 10_000;

/**
 * Starts so many workers and replaces those that end, until the process is told to stop; then tells them, and ends when the
 * last has. Where none can even start it ends with 1: whatever is wrong would be wrong the next time too.
 */
export function superviseWorkers(count: number, log: Logger): void {
  let stopping = false;
  let hasServed = false;
  let failures = 0;

  function fork(): void {
    const begun = performance.now();
    const worker = cluster.fork();
    worker.once('listening', () => {
      hasServed = true;
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
    log.error({ worker: id, code, signal, inMs }, 'a worker ended, and is replaced');
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

/** Whether this process is one of several. */
export const isWorker = cluster.isWorker;

/** Whether this one says what needs to be said once. */
export const isFirst = !cluster.isWorker || cluster.worker?.id === 1;

/** Lets a worker that has stopped end: its tie to the one that started it would keep it. */
export function leave(): void {
  if (cluster.isWorker) process.disconnect();
}
