import type { AuditLog, Change } from './audit.ts';
import type { ControlStore } from './control.ts';
import type { Workspace } from './control-data.ts';
import { keys } from './keys.ts';
import type { Operator } from './proof.ts';
import type { Redis } from './redis.ts';

export type { Workspace };

export function workspaceStore(redis: Redis, audit: AuditLog, control: ControlStore) {
  return {
    /** Writes a workspace, new or changed. Only an operator can: the workspace of any other caller exists. */
    async put(workspace: Workspace, { entry }: Change<Operator>): Promise<void> {
      const { workspaceId } = workspace;
      // The index comes first: an id without a record is skipped, but a record outside the index would be lost.
      await redis.run((client) => client.sAdd(keys.workspaces, workspaceId));
      await audit.write(keys.audit(workspaceId), entry, (args, logKey) =>
        redis.run((client) =>
          client.putWorkspace({
            keys: {
              ...{ ...logKey, control: keys.control(workspaceId), workspace: keys.workspace(workspaceId) },
              oldRootKeys: keys.oldRootKeys(workspaceId),
            },
            args: { ...args, workspace: JSON.stringify(workspace) },
          }),
        ),
      );
      await control.publish(workspaceId);
    },

    /** The workspace, or undefined. */
    async find(workspaceId: string): Promise<Workspace | undefined> {
      const found = await redis.run((client) => client.get(keys.workspace(workspaceId)));
      return found === null ? undefined : JSON.parse(found);
    },

    /** All workspaces, oldest first. */
    async list(): Promise<Workspace[]> {
      const ids = await redis.run((client) => client.sMembers(keys.workspaces));
      const found = await Promise.all(ids.map((id) => this.find(id)));
      return found.filter((workspace) => workspace !== undefined).sort((a, b) => a.createdAt - b.createdAt);
    },
  };
}
