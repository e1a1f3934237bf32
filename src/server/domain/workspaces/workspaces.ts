import { invalidInput } from '../../problem.ts';
import type { Store } from '../../store/index.ts';
import type { Workspace } from '../../store/workspaces.ts';
import { newWorkspaceId } from '../credentials.ts';
import { nameFailures, operatorName, storedName } from '../text.ts';
import { type Author, recordOf } from './audit.ts';
import { createRootKey } from './root-keys.ts';

const resourceOf = ({ workspaceId }: Workspace) => ({ type: 'workspace', id: workspaceId }) as const;

/**
 * Creates a workspace and its first root key, which has every permission. Returns the plaintext, which is never shown again.
 *
 * @throws Problem invalid_input
 */
export async function createWorkspace(store: Store, { name }: { name: string }, by: Author) {
  const failures = nameFailures('name', name, operatorName);
  if (failures.length > 0) throw invalidInput(...failures);
  const workspaceId = newWorkspaceId();
  const workspace: Workspace = { workspaceId, name: storedName(name), enabled: true, createdAt: Date.now() };
  await store.workspaces.put(workspace, recordOf(by, 'workspace.create', resourceOf(workspace), undefined, workspace));
  const { rootKey, rootKeyId } = await createRootKey(store, { workspaceId }, by);
  return { workspaceId, rootKey, rootKeyId };
}

/** Enables or disables a workspace with all of its portals. Undefined if it does not exist. */
export async function setWorkspaceEnabled(
  store: Store,
  workspaceId: string,
  enabled: boolean,
  by: Author,
): Promise<Workspace | undefined> {
  const workspace = await store.workspaces.find(workspaceId);
  if (workspace === undefined) return undefined;
  const changed = { ...workspace, enabled };
  await store.workspaces.put(changed, recordOf(by, 'workspace.update', resourceOf(workspace), workspace, changed));
  return changed;
}
