import { LRUCache } from 'lru-cache';
import type { AuditLog, AuditRecord } from './audit.ts';
import { keys } from './keys.ts';
import { type RateLimits, withinLimit } from './rate-limits.ts';
import type { Redis } from './redis.ts';

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

/** The record of a root key that the next script verifies. Nothing may be returned to the caller on the strength of it. */
export const recordToVerify = (rootKey: RootKeyToVerify): RootKey =>
  rootKey.verification === 'cached' ? rootKey.unverified : rootKey;

/** Why a root key is not good, or not any more. */
export type RootKeyRefusal = 'root_key_not_found' | 'workspace_not_found' | 'workspace_disabled';

/** A root key is not good, or not any more. */
export class RootKeyRefused extends Error {
  readonly refusal: RootKeyRefusal;

  constructor(refusal: RootKeyRefusal) {
    super(refusal);
    this.refusal = refusal;
  }
}

const refusals: ReadonlySet<string> = new Set<RootKeyRefusal>([
  'root_key_not_found',
  'workspace_not_found',
  'workspace_disabled',
]);

/** The part of a script's keys, arguments and reply by which it verifies a root key, as scripts/root-keys.ts does. */
export interface RootKeyCheck {
  keys(workspaceId: string, hash: string): [string, string, string];
  /** A key that was verified during this call was also counted, and is not counted twice. */
  args(
    rootKey: Pick<RootKeyToVerify, 'hash'> & { verification?: RootKeyToVerify['verification'] },
  ): [hash: string, limit: string];
  /** @throws RootKeyRefused, RateLimited */
  read<Reply extends readonly unknown[]>(reply: Reply): Reply;
}

export const rootKeyCheck = ({ rootKey: limit }: RateLimits): RootKeyCheck => ({
  keys: (workspaceId, hash) => [keys.rootKeys(workspaceId), keys.workspace(workspaceId), keys.calls(workspaceId, hash)],
  args: ({ hash, verification }) => [hash, verification === 'verified' ? '0' : String(limit)],
  read(reply) {
    if (refusals.has(String(reply[0]))) throw new RootKeyRefused(reply[0] as RootKeyRefusal);
    return withinLimit(reply, limit);
  },
});

/** How many root keys a process caches. */
const maxCached = 10_000;

export function rootKeyStore(redis: Redis, audit: AuditLog, check: RootKeyCheck) {
  const cache = new LRUCache<string, CachedRootKey>({ max: maxCached });

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

    /**
     * Verifies the root key with this hash, and counts the call.
     *
     * @throws RootKeyRefused, RateLimited, StoreUnavailable
     */
    async verify(workspaceId: string, hash: string): Promise<VerifiedRootKey> {
      const [, text] = check.read(
        await redis.run((client) => client.findRootKey(check.keys(workspaceId, hash), check.args({ hash }))),
      );
      const record: RootKey = JSON.parse(String(text));
      cache.set(hash, { verification: 'cached', hash, unverified: record });
      return { ...record, hash, verification: 'verified' } as VerifiedRootKey;
    },

    /** The root key with this hash, where this process has verified it before. It may have been revoked since. */
    cached: (hash: string): CachedRootKey | undefined => cache.get(hash),

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
