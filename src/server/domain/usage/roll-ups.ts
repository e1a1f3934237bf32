/** When usage is rolled up: each process does it for the workspaces that it serves, and now and then for all. */
import type { Store } from '../../store/index.ts';

const minute = 60_000;
/** How many rounds pass until the next one is for all workspaces: those that no process serves lose old minutes, too. */
const roundsBetween = 60;

/** How long a process waits until the next round, in ms: a minute on average, never all processes at once. */
const pause = () => minute * (0.5 + Math.random());

/** Rolls up the usage of all workspaces, and removes keys that have ended from their lists. */
async function rollUpAll(store: Store, retentionDays: number, signal: AbortSignal): Promise<void> {
  for (const { workspaceId } of await store.workspaces.list()) {
    if (signal.aborted) return;
    await store.usage.rollUp(retentionDays, { workspaceId, signal });
    await store.apiKeys.forgetGone(workspaceId);
  }
}

/**
 * Rolls up usage from now on, beginning with all workspaces: another process may have ended before it could. A round that fails
 * changes nothing that the next one could not do.
 *
 * @returns stops it, and waits for the step under way
 */
export function startRollUps(store: Store, retentionDays: number): () => Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;
  let timer: NodeJS.Timeout | undefined;
  let round = Promise.resolve();
  const next = (number: number): void => {
    const isForAll = number % roundsBetween === 0;
    const work = isForAll ? rollUpAll(store, retentionDays, signal) : store.usage.rollUp(retentionDays, { signal });
    round = work
      .catch(() => {})
      .then(() => {
        if (!signal.aborted) timer = setTimeout(next, pause(), number + 1).unref();
      });
  };
  next(0);
  return async () => {
    stopping.abort();
    clearTimeout(timer);
    await round;
  };
}
