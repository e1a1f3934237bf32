import { invalidInput, Problem } from '../../problem.ts';
import type { Store } from '../../store/index.ts';
import { partitionCount } from '../../store/partitions.ts';
import type { Operator } from '../../store/proof.ts';
import type { Workspace } from '../../store/workspaces.ts';
import { newWorkspaceId } from '../credentials.ts';
import { nameFailures, operatorName, storedName } from '../text.ts';
import { type Author, changeOf } from './audit.ts';
import { createRootKey } from './root-keys.ts';

const resourceOf = ({ workspaceId }: Workspace) => ({ type: 'workspace', id: workspaceId }) as const;

/**
 * Creates a workspace and its first root key, which has every permission. Returns the plaintext, which is never shown again.
 *
 * @throws Problem invalid_input
 */
export async function createWorkspace(store: Store, { name }: { name: string }, by: Author<Operator>) {
  const failures = nameFailures('name', name, operatorName);
  if (failures.length > 0) throw invalidInput(...failures);
  const workspaceId = newWorkspaceId();
  const workspace: Workspace = {
    ...{ workspaceId, name: storedName(name), enabled: true },
    ...{ partitions: partitionCount, createdAt: Date.now() },
  };
  await store.workspaces.put(workspace, changeOf(by, 'workspace.create', resourceOf(workspace), undefined, workspace));
  const { rootKey, rootKeyId } = await createRootKey(store, { workspaceId }, by);
  return { workspaceId, rootKey, rootKeyId };
}

/**
 * The workspace with this id.
 *
 * @throws Problem workspace_not_found
 */
export async function requireWorkspace(store: Store, workspaceId: string): Promise<Workspace> {
  const workspace = await store.workspaces.find(workspaceId);
  if (workspace === undefined) throw new Problem('unkey/data/workspace_not_found');
  return workspace;
}

/**
 * Enables or disables a workspace with all of its portals.
 *
 * @throws Problem workspace_not_found
 */
export async function setWorkspaceEnabled(
  store: Store,
  workspaceId: string,
  enabled: boolean,
  by: Author<Operator>,
): Promise<Workspace> {
  const workspace = await requireWorkspace(store, workspaceId);
  const changed = { ...workspace, enabled };
  await store.workspaces.put(changed, changeOf(by, 'workspace.update', resourceOf(workspace), workspace, changed));
  return changed;
}
