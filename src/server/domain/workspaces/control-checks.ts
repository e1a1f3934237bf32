import type { Store } from '../../store/index.ts';

/** How long a process waits until it looks again, in ms. */
const pauseMs = 3000;

/**
 * Looks for changes of control data whose process has died before all partitions knew of them, and completes them. A failure means
 * that Redis does not reply, and the next look may find it.
 *
 * @returns stops it
 */
export function startControlChecks(store: Store): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const look = async () => {
    await store.completeChanges().catch(() => {});
    if (!isStopped) timer = setTimeout(look, pauseMs).unref();
  };
  timer = setTimeout(look, pauseMs).unref();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}
