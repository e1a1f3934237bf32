/**
 * Who calls, and what proves it. A caller is authenticated before the work begins, and may be revoked before it ends. So every
 * script that writes proves its caller again, in the step that writes: each method of the store that writes takes a proof, and
 * only the verification of a credential returns one.
 */
import type { ErrorCode } from '../../../generated/errors.ts';
import { Problem } from '../problem.ts';
import { keys } from './keys.ts';
import type { Partition } from './partitions.ts';
import type { verifiesManager, verifiesSession } from './scripts/callers.ts';
import type { ReplyOf } from './scripts/script.ts';

/** A person who uses an account that several people share. */
export interface Person {
  id: string;
  name?: string;
}

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
  actor: { type: 'root_key'; id: string };
  /** SHA-256 of the root key. */
  hash: string;
  /** The record as it was. It never changes; only whether the key is still valid does. */
  unverified: RootKey;
}

declare const verifiedByRedis: unique symbol;

/** Keeps an object literal from passing for a proof. Does not exist at run time. */
interface Verified {
  readonly [verifiedByRedis]: true;
}

/** A root key that Redis has verified, and counted, during this call. Only `RootKeyStore.verify` makes one. */
export interface VerifiedRootKey extends RootKey, Verified {
  verification: 'verified';
  actor: { type: 'root_key'; id: string };
  /** SHA-256 of the root key. */
  hash: string;
}

/** What a script that verifies the root key itself takes. */
export type RootKeyToVerify = CachedRootKey | VerifiedRootKey;

/** The record of a root key that the next script verifies. Nothing that it contains may reach the caller before that. */
export const recordToVerify = (rootKey: RootKeyToVerify): RootKey =>
  rootKey.verification === 'cached' ? rootKey.unverified : rootKey;

/** A credential of a session: its partition, the handle that names its record, and the SHA-256 of the credential. */
export interface SessionRef extends Partition {
  handle: string;
  hash: string;
}

/** A browser session that Redis has verified, and counted, during this call. Only `SessionStore.verify` makes one. */
export interface SessionProof extends Verified {
  actor: { type: 'user'; id: string; externalId: string; portalId: string; person?: Person };
  ref: SessionRef;
  /** The portal of the session, and its epoch when the session was created. */
  portalId: string;
  epoch: string;
  /** The origin of the page that sends the request, or '' if it is a page of the portal or no page. */
  pageOrigin: string;
}

/** An operator at the command line, whose access to Redis is their credential. Only src/server/cli makes one. */
export interface Operator extends Verified {
  actor: { type: 'cli' };
}

/** An operator who works in one workspace. */
export interface WorkspaceOperator extends Operator {
  workspaceId: string;
}

/** What a method that writes takes: what proves its caller, and who that is for the audit log. */
export type Proof = VerifiedRootKey | SessionProof | Operator;

/** Who changes keys: their user in a session, a backend with a root key, or an operator after a restore. */
export type KeyProof = SessionProof | VerifiedRootKey | WorkspaceOperator;

/** Who changes control data. */
export type Manager = VerifiedRootKey | Operator;

/** The reply of a script to a caller that is not valid. */
export type CallerRefusal = ReplyOf<(typeof verifiesManager)['outcomes']> | { outcome: 'session_not_found' };

/** The reply of a script in a partition that knows of another version of the control data. */
export type Outdated = Extract<ReplyOf<(typeof verifiesSession)['outcomes']>, { outcome: 'outdated' }>;

const refusalCodes = {
  root_key_not_found: 'unkey/authentication/key_not_found',
  session_not_found: 'unkey/authentication/portal_session_not_found',
  workspace_not_found: 'unkey/data/workspace_not_found',
  workspace_disabled: 'unkey/authorization/workspace_disabled',
} as const satisfies Record<CallerRefusal['outcome'], ErrorCode>;

const isRefusal = (outcome: string): outcome is keyof typeof refusalCodes => Object.hasOwn(refusalCodes, outcome);

/**
 * The reply of a script that verifies its caller, without the refusals.
 *
 * @throws Problem key_not_found, portal_session_not_found, workspace_not_found, workspace_disabled
 */
export function accepted<Reply extends { outcome: string }>(reply: Reply): Exclude<Reply, CallerRefusal> {
  if (isRefusal(reply.outcome)) throw new Problem(refusalCodes[reply.outcome]);
  return reply as Exclude<Reply, CallerRefusal>;
}

/** The part of a script's keys and arguments by which it verifies a manager, as snippets/refuseManager.lua does. */
export const ofManager = {
  /** @param workspaceId where the script writes: a proof of another workspace is refused there */
  keys: (workspaceId: string) => ({ workspace: keys.workspace(workspaceId), rootKeys: keys.rootKeys(workspaceId) }),
  args: (proof: Manager) => ({
    callerType: proof.actor.type,
    rootKeyHash: 'hash' in proof ? proof.hash : '',
  }),
};
