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

/** A root key that a call came with. */
export interface ProvedRootKey extends RootKey {
  /** SHA-256 of it: what an operation proves it by. */
  hash: string;
  /** Whether this call has been counted: what proves the key again must not count it twice. */
  counted?: true;
}

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

/** How a script proves a root key itself, as scripts/root-keys.ts has it, so that nobody has to ask before. */
export interface RootKeyProof {
  keys(rootKey: Pick<ProvedRootKey, 'workspaceId' | 'hash'>): [string, string, string];
  args(rootKey: Pick<ProvedRootKey, 'hash' | 'counted'>): [hash: string, limit: string];
  /** The reply of such a script. Throws RootKeyRefused, RateLimited. */
  read<Reply extends readonly unknown[]>(reply: Reply): Reply;
}

export const rootKeyProof = ({ rootKey: limit }: RateLimits): RootKeyProof => ({
  keys: ({ workspaceId, hash }) => [
    keys.rootKeys(workspaceId),
    keys.workspace(workspaceId),
    keys.calls(workspaceId, hash),
  ],
  args: ({ hash, counted }) => [hash, counted ? '0' : String(limit)],
  read(reply) {
    if (refusals.has(String(reply[0]))) throw new RootKeyRefused(reply[0] as RootKeyRefusal);
    return withinLimit(reply, limit);
  },
});

/** How many root keys a process remembers. What it remembers of one never changes: only whether it is still good does. */
const mostRemembered = 10_000;

export function rootKeyStore(redis: Redis, audit: AuditLog, proof: RootKeyProof) {
  const remembered = new LRUCache<string, ProvedRootKey>({ max: mostRemembered });

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
     * The root key with this hash. Counts the call.
     *
     * @throws RootKeyRefused, RateLimited, StoreUnavailable
     */
    async find(workspaceId: string, hash: string): Promise<ProvedRootKey> {
      const where = { workspaceId, hash };
      const [, text] = proof.read(
        await redis.run((client) => client.findRootKey(proof.keys(where), proof.args(where))),
      );
      const found: ProvedRootKey = { ...JSON.parse(String(text)), hash };
      remembered.set(hash, found);
      return { ...found, counted: true };
    },

    /** What `find` has found before. Whether it is still good, a script must prove. */
    recall: (hash: string): ProvedRootKey | undefined => remembered.get(hash),

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
