import type { AuditLog, AuditRecord } from './audit.ts';
import { keys } from './keys.ts';
import type { Redis } from './redis.ts';
import type { Workspace } from './workspaces.ts';

/** A root key as it is kept: never the key itself, and its hash only as the field it is found by. */
export interface RootKey {
  rootKeyId: string;
  workspaceId: string;
  name?: string;
  /** Tuples; a session it mints can never hold more. */
  permissions: string[];
  /** Unix ms. */
  createdAt: number;
}

export function rootKeyStore(redis: Redis, audit: AuditLog) {
  return {
    /** Writes a new root key. */
    async create(rootKey: RootKey, hash: string, record: AuditRecord): Promise<void> {
      const { workspaceId, rootKeyId } = rootKey;
      await redis.run((client) =>
        client.createRootKey(
          [audit.key(workspaceId), keys.rootKeyIds(workspaceId), keys.rootKeys(workspaceId)],
          [...audit.args(record), rootKeyId, hash, JSON.stringify(rootKey)],
        ),
      );
    },

    /** The root key with this hash and its workspace, each undefined where it is not there. One round trip. */
    async find(workspaceId: string, hash: string): Promise<[RootKey | undefined, Workspace | undefined]> {
      const found = await redis.run((client) =>
        Promise.all([client.hGet(keys.rootKeys(workspaceId), hash), client.get(keys.workspace(workspaceId))]),
      );
      const [rootKey, workspace] = found.map((text) => (text === null ? undefined : JSON.parse(text)));
      return [rootKey, workspace];
    },

    /** All root keys of a workspace, oldest first. */
    async list(workspaceId: string): Promise<RootKey[]> {
      const found = await redis.run((client) => client.hVals(keys.rootKeys(workspaceId)));
      return found.map((text): RootKey => JSON.parse(text)).sort((a, b) => a.createdAt - b.createdAt);
    },

    /** Removes a root key; its next use is refused, on every process. False where there is none of this id. */
    async revoke(workspaceId: string, rootKeyId: string, record: AuditRecord): Promise<boolean> {
      const [outcome] = await redis.run((client) =>
        client.revokeRootKey(
          [audit.key(workspaceId), keys.rootKeyIds(workspaceId), keys.rootKeys(workspaceId)],
          [...audit.args(record), rootKeyId],
        ),
      );
      return outcome === 'ok';
    },
  };
}
