import { LRUCache } from 'lru-cache';
import type { AuditLog, Change } from './audit.ts';
import { keys } from './keys.ts';
import { limitReached, type StoreLimits } from './limits.ts';
import {
  accepted,
  type CachedRootKey,
  type CallerRefusal,
  type Operator,
  ofCaller,
  type RootKey,
  type RootKeyToVerify,
  type VerifiedRootKey,
} from './proof.ts';
import { type RateLimits, rateLimited, withinLimit } from './rate-limits.ts';
import type { Redis } from './redis.ts';
import { type OverLimit, windowSeconds } from './scripts/rate-limits.ts';

/** The part of a script's keys, arguments and reply by which it verifies a root key and counts the call. */
export interface RootKeyCheck {
  keys(workspaceId: string, hash: string): { rootKeys: string; workspace: string; calls: string };
  /** A key that was verified during this call was also counted, and is not counted twice. */
  args(rootKey: { hash: string; verification?: RootKeyToVerify['verification'] }): {
    rootKeyHash: string;
    callLimit: number;
  };
  /**
   * The reply of such a script, without the refusals.
   *
   * @throws Problem key_not_found, workspace_not_found, workspace_disabled, rate_limited
   */
  valid<Reply extends { outcome: string }>(reply: Reply): Exclude<Reply, CallerRefusal | OverLimit>;
}

export const rootKeyCheck = ({ rootKey: limit }: RateLimits): RootKeyCheck => ({
  keys: (workspaceId, hash) => ({
    rootKeys: keys.rootKeys(workspaceId),
    workspace: keys.workspace(workspaceId),
    calls: keys.calls(workspaceId, hash),
  }),
  args: ({ hash, verification }) => ({ rootKeyHash: hash, callLimit: verification === 'verified' ? 0 : limit }),
  valid<Reply extends { outcome: string }>(reply: Reply) {
    return withinLimit(accepted(reply), limit) as Exclude<Reply, CallerRefusal | OverLimit>;
  },
});

/** How many root keys a process caches. */
const maxCached = 10_000;

export function rootKeyStore(
  redis: Redis,
  audit: AuditLog,
  check: RootKeyCheck,
  { rootKey: callLimit }: RateLimits,
  { rootKeys: maxRootKeys }: StoreLimits,
) {
  const cache = new LRUCache<string, CachedRootKey>({ max: maxCached });
  const keysOf = (workspaceId: string, operator: Operator) => ({
    ...ofCaller.keys(workspaceId, operator),
    audit: keys.audit(workspaceId),
    rootKeyIds: keys.rootKeyIds(workspaceId),
  });

  return {
    /**
     * Writes a new root key.
     *
     * @throws Problem workspace_not_found, limit_exceeded
     */
    async create(rootKey: RootKey, hash: string, { proof, entry }: Change<Operator>): Promise<void> {
      const { workspaceId, rootKeyId } = rootKey;
      const own = { rootKeyId, hash, record: JSON.stringify(rootKey), maxRootKeys };
      const args = { ...ofCaller.args(proof), ...audit.args(entry), ...own };
      const { outcome } = accepted(
        await redis.run((client) => client.createRootKey({ keys: keysOf(workspaceId, proof), args })),
      );
      if (outcome === 'too_many') throw limitReached(`${maxRootKeys} root keys per workspace`);
    },

    /**
     * Verifies the root key with this hash, and counts the call.
     *
     * @throws Problem key_not_found, workspace_not_found, workspace_disabled, rate_limited, service_unavailable
     */
    async verify(workspaceId: string, hash: string): Promise<VerifiedRootKey> {
      const { rootKey } = check.valid(
        await redis.run((client) =>
          client.findRootKey({ keys: check.keys(workspaceId, hash), args: check.args({ hash }) }),
        ),
      );
      const record: RootKey = JSON.parse(rootKey);
      const actor = { type: 'root_key', id: record.rootKeyId } as const;
      cache.set(hash, { verification: 'cached', actor, hash, unverified: record });
      return { ...record, hash, actor, verification: 'verified' } as VerifiedRootKey;
    },

    /**
     * Counts more calls of a root key whose verification has counted one, in one step: for a request that costs several.
     *
     * @throws Problem rate_limited, service_unavailable
     */
    async countMore({ workspaceId, hash }: VerifiedRootKey, calls: number): Promise<void> {
      if (callLimit === 0 || calls === 0) return;
      const { counts } = await redis.run((client) =>
        client.countCalls({
          keys: { calls: keys.calls(workspaceId, hash) },
          args: { points: calls, seconds: windowSeconds },
        }),
      );
      const [used = 0, resetMs = 0] = counts;
      if (used > callLimit) throw rateLimited(callLimit, resetMs);
    },

    /** The root key with this hash, if this process has verified it before. It may have been revoked since. */
    cached: (hash: string): CachedRootKey | undefined => cache.get(hash),

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
    async revoke(workspaceId: string, rootKeyId: string, { proof, entry }: Change<Operator>): Promise<boolean> {
      const args = { ...ofCaller.args(proof), ...audit.args(entry), rootKeyId };
      const { outcome } = accepted(
        await redis.run((client) => client.revokeRootKey({ keys: keysOf(workspaceId, proof), args })),
      );
      return outcome === 'ok';
    },
  };
}
