import { Problem } from '../../problem.ts';
import type { Store } from '../../store/index.ts';
import { partitionCount } from '../../store/partitions.ts';
import type { Operator } from '../../store/proof.ts';
import type { Workspace } from '../../store/workspaces.ts';
import { type Author, changeOf } from './audit.ts';

/** What the migration has done so far, or would do. */
export interface Migrated {
  workspaces: number;
  /** API keys. */
  keys: number;
  /** Half days of usage of a user in an API. */
  usage: number;
  /** Other records that are removed: sessions, indexes. */
  removed: number;
}

/** The outcome of a migration. */
export interface Migration extends Migrated {
  /** Records of 0.1.0 that are there again: a server of 0.1.0 is still writing. */
  left: number;
}

/** Whether data of a workspace is as 0.1.0 has stored it. */
const isDue = ({ partitions }: Workspace): boolean => partitions === undefined;

/** The workspaces whose data must be migrated. */
export const dueWorkspaces = async (store: Pick<Store, 'workspaces'>): Promise<Workspace[]> =>
  (await store.workspaces.list()).filter(isDue);

/** How many ms of the minute are left in which a server of 0.1.0 has counted a call; 0 if none has. */
export const busyMs = (store: Store, workspaces: Workspace[]): Promise<number> =>
  store.migration.lastCallMs(workspaces.map(({ workspaceId }) => workspaceId));

/**
 * Moves the users of these workspaces from the places where 0.1.0 has stored them to their partitions. It can be stopped at any point,
 * and repeated. No server of 0.1.0 may run.
 *
 * @param retentionDays how long usage is stored
 * @param isDryRun only counts
 * @param onProgress called after each step with the sums so far
 */
export async function migrate(
  store: Store,
  workspaces: Workspace[],
  {
    retentionDays,
    isDryRun = false,
    onProgress = () => {},
  }: { retentionDays: number; isDryRun?: boolean; onProgress?: (sums: Migrated) => void },
  by: Author<Operator>,
): Promise<Migration> {
  const ids = workspaces.map(({ workspaceId }) => workspaceId);
  const sums: Migrated = { workspaces: workspaces.length, keys: 0, usage: 0, removed: 0 };
  const { migration } = store;
  const each = async <Item>(
    what: 'keys' | 'usage' | 'removed',
    batches: AsyncIterable<Item[]>,
    step: (batch: Item[]) => Promise<void>,
  ) => {
    for await (const batch of batches) {
      if (!isDryRun) await step(batch);
      sums[what] += batch.length;
      onProgress(sums);
    }
  };
  await each('keys', migration.oldKeys(ids), migration.moveKeys);
  await each('usage', migration.oldDays(ids), (batch) => migration.moveDays(batch, retentionDays));
  await each('removed', migration.leftovers(ids), migration.remove);
  if (isDryRun) return { ...sums, left: 0 };
  let left = 0;
  for (const batches of [migration.oldKeys(ids), migration.leftovers(ids)]) {
    for await (const batch of batches) left += batch.length;
  }
  if (left > 0) return { ...sums, left };
  for (const workspace of workspaces) if (!(await finish(store, workspace, by))) left += 1;
  if ((await dueWorkspaces(store)).length === 0) await store.dataset.writeFormat();
  return { ...sums, left };
}

/** Records that a workspace is migrated. False if a server of 0.1.0 writes to it. */
async function finish(store: Store, { workspaceId }: Workspace, by: Author<Operator>): Promise<boolean> {
  if (!(await store.migration.finish(workspaceId))) return false;
  const workspace = await store.workspaces.find(workspaceId);
  if (workspace === undefined) throw new Problem('unkey/data/workspace_not_found');
  if (!isDue(workspace)) return true;
  const migrated = { ...workspace, partitions: partitionCount };
  const resource = { type: 'workspace', id: workspaceId } as const;
  await store.workspaces.put(migrated, changeOf(by, 'workspace.update', resource, workspace, migrated));
  return true;
}
