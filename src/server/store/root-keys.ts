import type { Change } from './audit.ts';
import { type ControlStore, requireRootKey } from './control.ts';
import type { Home } from './home.ts';
import { keys } from './keys.ts';
import { limitReached, type StoreLimits } from './limits.ts';
import type { CachedRootKey, Operator, RootKey, VerifiedRootKey } from './proof.ts';
import type { RootKeyLimiter } from './rate-limits.ts';
import type { Redis } from './redis.ts';

export function rootKeyStore(
  redis: Redis,
  home: Home,
  control: ControlStore,
  limiter: RootKeyLimiter,
  { rootKeys: maxRootKeys }: StoreLimits,
) {
  return {
    /**
     * Writes a new root key.
     *
     * @throws Problem workspace_not_found, limit_exceeded
     */
    async create(rootKey: RootKey, hash: string, change: Change<Operator>): Promise<void> {
      const { workspaceId, rootKeyId } = rootKey;
      const own = { rootKeyId, hash, record: JSON.stringify(rootKey), maxRootKeys };
      const { outcome } = await home.add(workspaceId, change, (client, common) =>
        client.createRootKey({
          keys: { ...common.keys, rootKeyIds: keys.rootKeyIds(workspaceId) },
          args: { ...common.args, ...own },
        }),
      );
      if (outcome === 'too_many') throw limitReached(`${maxRootKeys} root keys per workspace`);
    },

    /**
     * Verifies the root key with this hash, and counts the call.
     *
     * @throws Problem key_not_found, workspace_not_found, workspace_disabled, rate_limited, service_unavailable
     */
    async verify(workspaceId: string, hash: string): Promise<VerifiedRootKey> {
      const now = await control.fresh(workspaceId, { rootKeyHash: hash });
      const record = requireRootKey(now);
      await limiter.count(workspaceId, hash);
      const actor = { type: 'root_key', id: record.rootKeyId } as const;
      return { ...record, hash, actor, verification: 'verified' } as VerifiedRootKey;
    },

    /**
     * Checks that a root key with this hash is valid, without counting a call.
     *
     * @throws Problem key_not_found, workspace_not_found, workspace_disabled, service_unavailable
     */
    async check(workspaceId: string, rootKeyHash: string): Promise<void> {
      await control.current(workspaceId, { rootKeyHash }, requireRootKey);
    },

    /**
     * Counts more calls of a root key whose verification has counted one, in one step: for a request that costs several.
     *
     * @throws Problem rate_limited, service_unavailable; then none of them is counted
     */
    countMore: ({ workspaceId, hash }: VerifiedRootKey, calls: number): Promise<void> =>
      limiter.count(workspaceId, hash, calls),

    /** The root key with this hash, if this process has read it before. It may have been revoked since. */
    cached(workspaceId: string, hash: string): CachedRootKey | undefined {
      const record = control.cachedRootKey(workspaceId, hash);
      if (record === undefined) return undefined;
      return { verification: 'cached', actor: { type: 'root_key', id: record.rootKeyId }, hash, unverified: record };
    },

    /** All root keys of a workspace, oldest first. */
    async list(workspaceId: string): Promise<RootKey[]> {
      const found = await redis.run((client) => client.hVals(keys.rootKeys(workspaceId)));
      return found.map((text): RootKey => JSON.parse(text)).sort((a, b) => a.createdAt - b.createdAt);
    },

    /**
     * Removes a root key; every process refuses its next use. False if there is no root key with this id.
     *
     * @throws Problem workspace_not_found
     */
    async revoke(workspaceId: string, rootKeyId: string, change: Change<Operator>): Promise<boolean> {
      const { outcome } = await home.change(workspaceId, change, (client, common) =>
        client.revokeRootKey({
          keys: { ...common.keys, rootKeyIds: keys.rootKeyIds(workspaceId) },
          args: { ...common.args, rootKeyId },
        }),
      );
      return outcome === 'ok';
    },
  };
}
