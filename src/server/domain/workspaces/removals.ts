import type { Store } from '../../store/index.ts';

/**
 * Removes the keys of all APIs of a workspace that were deleted, and the usage of these keys. It takes as long as Redis has
 * records, so nobody waits for it. If it does not come to its end, the next deletion or the next start of a server continues.
 */
export const removeKeysOfDeletedApis = (store: Store, workspaceId: string): Promise<void> =>
  store.apiKeys.removeOfDeletedApis(workspaceId).catch(() => {});

/** Continues the removals that another process began, in all workspaces. */
export async function continueRemovals(store: Store): Promise<void> {
  for (const { workspaceId } of await store.workspaces.list().catch(() => []))
    await removeKeysOfDeletedApis(store, workspaceId);
}
