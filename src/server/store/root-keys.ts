import { LRUCache } from 'lru-cache';
import type { ErrorCode } from '../../../generated/errors.ts';
import { Problem } from '../problem.ts';
import type { AuditLog, AuditRecord } from './audit.ts';
import { keys } from './keys.ts';
import { type RateLimits, withinLimit } from './rate-limits.ts';
import type { Redis } from './redis.ts';
import type { OverLimit } from './scripts/rate-limits.ts';
import type { RootKeyRefusal } from './scripts/root-keys.ts';

/** A root key as Redis stores it: never the key itself, and its hash only as the field it is found by. */
export interface RootKey {
  rootKeyId: string;
  workspaceId: string;
  name?: string;
  /** Tuples. A session that the key creates never has more. */
  permissions: string[];
  /** Unix ms. */
  createdAt: number;
}

/**
 * A root key that this process verified during an earlier call. It may have been revoked since, so the record is out of
 * reach until a script verifies the key: only such a script takes one.
 */
export interface CachedRootKey {
  verification: 'cached';
  /** SHA-256 of the root key. */
  hash: string;
  /** The record as it was. It never changes; only whether the key is still valid does. */
  unverified: RootKey;
}

declare const verifiedByRedis: unique symbol;

/** A root key that Redis has verified, and counted, during this call. Only `RootKeyStore.verify` makes one. */
export interface VerifiedRootKey extends RootKey {
  verification: 'verified';
  /** SHA-256 of the root key. */
  hash: string;
  /** Keeps an object literal from passing for a verified key. Does not exist at run time. */
  readonly [verifiedByRedis]: true;
}

/** What a script that verifies the root key itself takes. */
export type RootKeyToVerify = CachedRootKey | VerifiedRootKey;

/** The record of a root key that the next script verifies. Nothing that it contains may reach the caller before that. */
export const recordToVerify = (rootKey: RootKeyToVerify): RootKey =>
  rootKey.verification === 'cached' ? rootKey.unverified : rootKey;

/** The part of a script's keys, arguments and reply by which it verifies a root key, as scripts/refuseRootKey does. */
export interface RootKeyCheck {
  keys(workspaceId: string, hash: string): { rootKeys: string; workspace: string; calls: string };
  /** A key that was verified during this call was also counted, and is not counted twice. */
  args(rootKey: { hash: string; verification?: RootKeyToVerify['verification'] }): {
    rootKeyHash: string;
    rootKeyLimit: number;
  };
  /**
   * The reply of such a script, without the refusals.
   *
   * @throws Problem key_not_found, workspace_not_found, workspace_disabled, rate_limited
   */
  valid<Reply extends { outcome: string }>(reply: Reply): Exclude<Reply, RootKeyRefusal>;
}

const refusalCodes = {
  root_key_not_found: 'unkey/authentication/key_not_found',
  workspace_not_found: 'unkey/data/workspace_not_found',
  workspace_disabled: 'unkey/authorization/workspace_disabled',
} as const satisfies Record<Exclude<RootKeyRefusal, OverLimit>['outcome'], ErrorCode>;

const isRefusal = (outcome: string): outcome is keyof typeof refusalCodes => Object.hasOwn(refusalCodes, outcome);

export const rootKeyCheck = ({ rootKey: limit }: RateLimits): RootKeyCheck => ({
  keys: (workspaceId, hash) => ({
    rootKeys: keys.rootKeys(workspaceId),
    workspace: keys.workspace(workspaceId),
    calls: keys.calls(workspaceId, hash),
  }),
  args: ({ hash, verification }) => ({ rootKeyHash: hash, rootKeyLimit: verification === 'verified' ? 0 : limit }),
  valid<Reply extends { outcome: string }>(reply: Reply) {
    if (isRefusal(reply.outcome)) throw new Problem(refusalCodes[reply.outcome]);
    return withinLimit(reply, limit) as Exclude<Reply, RootKeyRefusal>;
  },
});

/** How many root keys a process caches. */
const maxCached = 10_000;

export function rootKeyStore(redis: Redis, audit: AuditLog, check: RootKeyCheck) {
  const cache = new LRUCache<string, CachedRootKey>({ max: maxCached });
  const keysOf = (workspaceId: string) => ({
    audit: keys.audit(workspaceId),
    rootKeyIds: keys.rootKeyIds(workspaceId),
    rootKeys: keys.rootKeys(workspaceId),
  });

  return {
    /** Writes a new root key. */
    async create(rootKey: RootKey, hash: string, auditRecord: AuditRecord): Promise<void> {
      const { workspaceId, rootKeyId } = rootKey;
      await redis.run((client) =>
        client.createRootKey({
          keys: keysOf(workspaceId),
          args: { ...audit.args(auditRecord), rootKeyId, hash, record: JSON.stringify(rootKey) },
        }),
      );
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
      cache.set(hash, { verification: 'cached', hash, unverified: record });
      return { ...record, hash, verification: 'verified' } as VerifiedRootKey;
    },

    /** The root key with this hash, if this process has verified it before. It may have been revoked since. */
    cached: (hash: string): CachedRootKey | undefined => cache.get(hash),

    /** All root keys of a workspace, oldest first. */
    async list(workspaceId: string): Promise<RootKey[]> {
      const found = await redis.run((client) => client.hVals(keys.rootKeys(workspaceId)));
      return found.map((text): RootKey => JSON.parse(text)).sort((a, b) => a.createdAt - b.createdAt);
    },

    /** Removes a root key; every process refuses its next use. False if there is no root key with this id. */
    async revoke(workspaceId: string, rootKeyId: string, record: AuditRecord): Promise<boolean> {
      const { outcome } = await redis.run((client) =>
        client.revokeRootKey({ keys: keysOf(workspaceId), args: { ...audit.args(record), rootKeyId } }),
      );
      return outcome === 'ok';
    },
  };
}
