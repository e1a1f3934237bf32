import type { Logger } from 'pino';
import type { Self } from './workers.ts';

/** The steps of a shutdown, in their order. */
interface ShutdownSteps {
  /** Readiness returns 503 from now on. */
  beginStopping(): void;
  /** How long the process then serves requests as before, in ms. */
  delayMs: number;
  /** Waits for the requests in progress. */
  drain(): Promise<void>;
  /** Closes what requests in progress need. */
  close(): Promise<void>;
}

/**
 * Stops the process at the first SIGTERM or SIGINT. A second signal skips the delay. A worker ignores a second signal: Ctrl-C
 * reaches it twice, from the terminal and from the supervisor.
 */
export function stopOnSignal(
  { beginStopping, delayMs, drain, close }: ShutdownSteps,
  self: Pick<Self, 'isWorker' | 'on' | 'leave'>,
  log: Logger,
): void {
  const delay = Promise.withResolvers<void>();
  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    self.on(signal, async () => {
      if (stopping) {
        if (!self.isWorker) delay.resolve();
        return;
      }
      stopping = true;
      log.info({ signal }, 'stopping');
      beginStopping();
      const timer = setTimeout(delay.resolve, delayMs);
      await delay.promise;
      clearTimeout(timer);
      await drain();
      await close();
      log.info('stopped');
      self.leave();
    });
  }
}
