import { Problem } from '../../problem.ts';
import type { Store } from '../../store/index.ts';

/** Whether the process should be sent requests. */
export interface Readiness {
  /** It has compiled everything: from now on Redis alone decides. */
  begin(): void;
  /** It is about to stop. Whatever Redis says, it is ready no more. */
  end(): void;
  /** @throws Problem service_unavailable while it begins or stops; StoreUnavailable where Redis would refuse a write */
  check(): Promise<void>;
}

/** A process that has not begun yet. */
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
          headers: { 'Retry-After': '1' },
          cause: new Error(`the process is ${state}`),
        });
      }
      await store.probe();
    },
  };
}
