import { Problem } from '../../problem.ts';
import type { Store } from '../../store/index.ts';
import { StoreUnavailable } from '../../store/redis.ts';

/** Whether the process should get requests. */
export interface Readiness {
  /** The process has compiled every operation: from now on Redis alone decides. */
  begin(): void;
  /** The process is about to stop, and is no longer ready, even if Redis is. */
  end(): void;
  /** @throws Problem service_unavailable while the process starts or stops, and if Redis would refuse a write */
  check(): Promise<void>;
}

/** The process gets no requests now. That is a state and no failure, so the log has its reason without a stack. */
const notReady = (reason: string) =>
  new Problem('unkey/application/service_unavailable', { retryAfterMs: 1000, cause: reason });

/**
 * The readiness of a process that is starting.
 *
 * @param onChange called when a check finds that Redis cannot serve any more, with why, and when it can again
 */
export function readinessOf(
  store: Pick<Store, 'probe'>,
  onChange: (unable: Error | undefined) => void = () => {},
): Readiness {
  let state: 'starting' | 'serving' | 'stopping' = 'starting';
  let isUnable = false;
  const report = (unable: Error | undefined) => {
    if (isUnable !== (unable !== undefined)) onChange(unable);
    isUnable = unable !== undefined;
  };
  return {
    begin() {
      if (state === 'starting') state = 'serving';
    },
    end() {
      state = 'stopping';
    },
    async check() {
      if (state !== 'serving') throw notReady(`the process is ${state}`);
      try {
        await store.probe();
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        report(error.cause as Error);
        throw notReady(error.reason);
      }
      report(undefined);
    },
  };
}
