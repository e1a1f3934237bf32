import { invalidInput, Problem } from '../../problem.ts';
import type { Store } from '../../store/index.ts';
import type { CachedRootKey, Operator, RootKey, VerifiedRootKey } from '../../store/proof.ts';
import { newId, newRootKey, rootKeyRef } from '../credentials.ts';
import { firstMissing, isPermission } from '../permissions.ts';
import { nameFailures, operatorName, storedName } from '../text.ts';
import { type Author, changeOf } from './audit.ts';

/** The permission of a root key by default: everything. */
const everything = '*.*.*';

/**
 * Creates a root key. Returns the plaintext, which is never shown again.
 *
 * @throws Problem invalid_input, workspace_not_found, limit_exceeded
 */
export async function createRootKey(
  store: Store,
  { workspaceId, name, permissions = [everything] }: { workspaceId: string; name?: string; permissions?: string[] },
  by: Author<Operator>,
): Promise<{ rootKeyId: string; rootKey: string }> {
  const broken = permissions.filter((tuple) => !isPermission(tuple));
  const fix = 'Use the form {resourceType}.{resourceId}.{action}, with * for any of the three.';
  const failures = [
    ...nameFailures('name', name, operatorName),
    ...broken.map(() => ({ location: 'permission', message: 'is not valid', fix })),
  ];
  if (failures.length > 0) throw invalidInput(...failures);
  const { plaintext, hash } = newRootKey(workspaceId);
  const record: RootKey = {
    rootKeyId: newId('rkid'),
    workspaceId,
    ...(name !== undefined && { name: storedName(name) }),
    permissions,
    createdAt: Date.now(),
  };
  const resource = { type: 'root_key', id: record.rootKeyId } as const;
  await store.rootKeys.create(record, hash, changeOf(by, 'root_key.create', resource, undefined, record));
  return { rootKeyId: record.rootKeyId, rootKey: plaintext };
}

/**
 * The root key, verified by Redis during this call.
 *
 * @throws Problem key_not_found, workspace_not_found, workspace_disabled, rate_limited
 */
export async function authenticateRootKey(store: Store, plaintext: string): Promise<VerifiedRootKey> {
  const ref = rootKeyRef(plaintext);
  if (ref === undefined) throw new Problem('unkey/authentication/key_not_found');
  return store.rootKeys.verify(ref.workspaceId, ref.hash);
}

/**
 * Checks that a root key is valid, without counting a call.
 *
 * @throws Problem key_not_found, workspace_not_found, workspace_disabled
 */
export async function findRootKey(store: Store, plaintext: string): Promise<void> {
  const ref = rootKeyRef(plaintext);
  if (ref === undefined) throw new Problem('unkey/authentication/key_not_found');
  await store.rootKeys.check(ref.workspaceId, ref.hash);
}

/** The root key, if this process has verified it before. The operation that gets it must verify it. */
export function cachedRootKey(store: Store, plaintext: string): CachedRootKey | undefined {
  const ref = rootKeyRef(plaintext);
  return ref && store.rootKeys.cached(ref.workspaceId, ref.hash);
}

/**
 * Checks that the root key has all of these permissions.
 *
 * @throws Problem insufficient_permissions, which names the first that is missing
 */
export function requirePermission(permissions: readonly string[], ...required: string[]): void {
  const permission = firstMissing(permissions, required);
  if (permission !== undefined) {
    throw new Problem('unkey/authorization/insufficient_permissions', { parameters: { permission } });
  }
}

/**
 * Revokes a root key. Every process refuses its next call.
 *
 * @throws Problem key_not_found, workspace_not_found
 */
export async function revokeRootKey(
  store: Store,
  workspaceId: string,
  rootKeyId: string,
  by: Author<Operator>,
): Promise<void> {
  const change = changeOf(by, 'root_key.revoke', { type: 'root_key', id: rootKeyId });
  if (!(await store.rootKeys.revoke(workspaceId, rootKeyId, change))) throw new Problem('unkey/data/key_not_found');
}
