import type { ErrorCode } from '../../../../generated/errors.ts';
import { invalidInput, Problem } from '../../problem.ts';
import type { Store } from '../../store/index.ts';
import { type ProvedRootKey, type RootKey, type RootKeyRefusal, RootKeyRefused } from '../../store/root-keys.ts';
import { credentialRef, newCredential, newId } from '../credentials.ts';
import { firstMissing, isPermission } from '../permissions.ts';
import { type Author, recordOf } from './audit.ts';

/** What a root key holds where nothing else is said: everything. */
const everything = '*.*.*';

/**
 * Makes a root key. The plaintext is returned this once.
 *
 * @throws Problem invalid_input, workspace_not_found
 */
export async function createRootKey(
  store: Store,
  { workspaceId, name, permissions = [everything] }: { workspaceId: string; name?: string; permissions?: string[] },
  by: Author,
): Promise<{ rootKeyId: string; rootKey: string }> {
  const broken = permissions.filter((tuple) => !isPermission(tuple));
  if (broken.length > 0) {
    const fix = 'Use the form {resourceType}.{resourceId}.{action}, with * for any of the three.';
    throw invalidInput(...broken.map(() => ({ location: 'permission', message: 'is not valid', fix })));
  }
  if ((await store.workspaces.find(workspaceId)) === undefined) throw new Problem('unkey/data/workspace_not_found');
  const { plaintext, hash } = newCredential('rk', workspaceId);
  const record: RootKey = {
    rootKeyId: newId('rkid'),
    workspaceId,
    ...(name !== undefined && { name }),
    permissions,
    createdAt: Date.now(),
  };
  const resource = { type: 'root_key', id: record.rootKeyId } as const;
  await store.rootKeys.create(record, hash, recordOf(by, 'root_key.create', resource, undefined, record));
  return { rootKeyId: record.rootKeyId, rootKey: plaintext };
}

const refusalCodes = {
  root_key_not_found: 'unkey/authentication/key_not_found',
  workspace_not_found: 'unkey/data/workspace_not_found',
  workspace_disabled: 'unkey/authorization/workspace_disabled',
} as const satisfies Record<RootKeyRefusal, ErrorCode>;

/**
 * Waits for what proves a root key on its way.
 *
 * @throws Problem key_not_found, workspace_not_found, workspace_disabled; whatever the work throws
 */
export async function proving<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof RootKeyRefused ? new Problem(refusalCodes[error.refusal]) : error;
  }
}

/**
 * Whose key this is, as Redis knows it now.
 *
 * @throws Problem key_not_found, workspace_not_found, workspace_disabled; RateLimited
 */
export async function authenticateRootKey(store: Store, plaintext: string): Promise<ProvedRootKey> {
  const ref = credentialRef('rk', plaintext);
  if (ref === undefined) throw new Problem('unkey/authentication/key_not_found');
  return proving(store.rootKeys.find(ref.workspaceId, ref.hash));
}

/** Whose key this was when this process last asked. What is done with it must prove it: `proving`. */
export function recallRootKey(store: Store, plaintext: string): ProvedRootKey | undefined {
  const ref = credentialRef('rk', plaintext);
  return ref && store.rootKeys.recall(ref.hash);
}

/**
 * Whether the root key holds all of these.
 *
 * @throws Problem insufficient_permissions, which names the first that is missing
 */
export function requirePermission({ permissions }: RootKey, ...required: string[]): void {
  const permission = firstMissing(permissions, required);
  if (permission !== undefined) {
    throw new Problem('unkey/authorization/insufficient_permissions', { parameters: { permission } });
  }
}

/**
 * Takes a root key back: its next call is refused.
 *
 * @throws Problem key_not_found
 */
export async function revokeRootKey(store: Store, workspaceId: string, rootKeyId: string, by: Author): Promise<void> {
  const record = recordOf(by, 'root_key.revoke', { type: 'root_key', id: rootKeyId });
  if (!(await store.rootKeys.revoke(workspaceId, rootKeyId, record))) throw new Problem('unkey/data/key_not_found');
}
