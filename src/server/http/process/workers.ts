/**
 * Several worker processes that serve one port, and the process that supervises them. They are processes and not threads:
 * each has its own heap and event loop, and a crash does not affect the others. Node shares the port among them.
 */
import cluster, { type Cluster, type Worker } from 'node:cluster';
import type { Logger } from 'pino';

/** The delay before a worker that failed early is replaced, in ms. */
const backoffMs = (failures: number) => Math.min(100 * 2 ** failures, 10_000);

/** A worker that lived longer than this, in ms, resets the delay. */
const longLifeMs = 10_000;

/** The cluster and the process that supervision uses. */
interface Supervision {
  workers: Pick<Cluster, 'fork' | 'workers'>;
  self: Pick<NodeJS.Process, 'on' | 'exitCode'> & { stderr: { write(text: string): void } };
}

/**
 * Starts the workers and replaces each one that ends. A signal stops the workers; the process ends after the last of them.
 * If the first workers cannot start, the process ends with exit code 1, because a replacement would fail the same way.
 *
 * @param supervision the real cluster and process, unless a test passes its own
 */
export function superviseWorkers(
  count: number,
  log: Logger,
  { workers, self }: Supervision = { workers: cluster, self: process },
): void {
  let stopping = false;
  let hasServed = false;
  let failures = 0;
  let reported = false;
  /** The replacements that wait for their delay. */
  const replacements = new Set<NodeJS.Timeout>();

  function fork(): void {
    const begun = performance.now();
    const worker = workers.fork();
    worker.once('listening', () => {
      hasServed = true;
    });
    worker.on('message', ({ startError }: StartErrorMessage) => {
      // At the start all workers fail for the same reason.
      if (startError !== undefined && !reported) self.stderr.write(`${startError}\n`);
      reported ||= startError !== undefined && !hasServed;
    });
    worker.once('exit', (code, signal) => onExit(worker, performance.now() - begun, code, signal));
  }

  function onExit({ id }: Worker, lifeMs: number, code: number, signal: string | null): void {
    if (stopping) return;
    if (!hasServed) {
      stop();
      self.exitCode = 1;
      return;
    }
    failures = lifeMs > longLifeMs ? 0 : failures + 1;
    const inMs = backoffMs(failures);
    log.error({ worker: id, code, signal, inMs }, 'a worker ended and is replaced');
    const replacement = setTimeout(() => {
      replacements.delete(replacement);
      fork();
    }, inMs);
    replacements.add(replacement);
  }

  function stop(): void {
    stopping = true;
    // A pending replacement would keep the process alive for up to ten seconds after its last worker.
    for (const replacement of replacements) clearTimeout(replacement);
    for (const worker of Object.values(workers.workers ?? {})) worker?.process.kill('SIGTERM');
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    self.on(signal, () => {
      if (!stopping) log.info({ signal, workers: count }, 'stopping the workers');
      stop();
    });
  }
  for (let i = 0; i < count; i++) fork();
}

/** This process as one of several, or alone. */
export interface Self {
  /** Whether this process is a worker. */
  isWorker: boolean;
  /** Whether this process logs what is logged once for all workers. */
  isFirst: boolean;
  on(signal: 'SIGTERM' | 'SIGINT', listener: () => void): void;
  /** Disconnects a stopped worker from its supervisor, so that it can end. */
  leave(): void;
  /** Prints why the process cannot start, once for all workers, and ends the process with exit code 1. */
  fail(startError: string): Promise<void>;
}

/** A worker sends it to its supervisor. */
interface StartErrorMessage {
  startError?: string;
}

/** What a process can do, whether it is a worker or not. */
type OwnProcess = Pick<NodeJS.Process, 'on' | 'send' | 'disconnect'> & {
  stderr: { write(text: string): void };
  exit(code: number): void;
};

/** The part of a process in a cluster. */
export const selfOf = ({ isWorker, worker }: Pick<Cluster, 'isWorker' | 'worker'>, own: OwnProcess): Self => ({
  isWorker,
  isFirst: !isWorker || worker?.id === 1,
  on: (signal, listener) => void own.on(signal, listener),
  leave() {
    if (isWorker) own.disconnect?.();
  },
  async fail(startError) {
    const message: StartErrorMessage = { startError };
    // The supervisor prints it.
    if (isWorker) await new Promise((sent) => own.send?.(message, undefined, undefined, sent));
    else own.stderr.write(`${startError}\n`);
    // An open connection to Redis would keep the process alive.
    own.exit(1);
  },
});

/** The real process. */
export const self: Self = selfOf(cluster, process);
