import { Problem } from '../../problem.ts';
import type { Store } from '../../store/index.ts';

/** Whether the process should get requests. */
export interface Readiness {
  /** The process has compiled every operation: from now on Redis alone decides. */
  begin(): void;
  /** The process is about to stop, and is no longer ready, even if Redis is. */
  end(): void;
  /** @throws Problem service_unavailable while the process starts or stops, and if Redis would refuse a write */
  check(): Promise<void>;
}

/** The readiness of a process that is starting. */
export function readinessOf(store: Pick<Store, 'probe'>): Readiness {
  let state: 'starting' | 'serving' | 'stopping' = 'starting';
  return {
    begin() {
      if (state === 'starting') state = 'serving';
    },
    end() {
      state = 'stopping';
    },
    async check() {
      if (state !== 'serving') {
        throw new Problem('unkey/application/service_unavailable', {
          retryAfterMs: 1000,
          cause: `the process is ${state}`,
        });
      }
      await store.probe();
    },
  };
}
