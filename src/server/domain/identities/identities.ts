import { isDeepStrictEqual } from 'node:util';
import { IdentityNameSchema } from '../../../../generated/client/schemas.gen.ts';
import { invalidInput, Problem, type ValidationFailure } from '../../problem.ts';
import { type Identity, newIdentity } from '../../store/identities.ts';
import type { Store } from '../../store/index.ts';
import type { Page, PageRequest } from '../../store/page.ts';
import type { UserPolicy } from '../../store/policies.ts';
import type { Manager } from '../../store/proof.ts';
import { type AnyPolicySettings, checkPolicy, storedPolicy } from '../policies/policy-settings.ts';
import { identifierFailures, nameFailures, searchForm, storedName } from '../text.ts';
import { type Author, changeOf } from '../workspaces/audit.ts';

export type { Identity };

/** The changes of a user: an absent field stays, and null clears it. */
export interface IdentityChanges {
  name?: string | null | undefined;
  meta?: Record<string, unknown> | null | undefined;
  policy?: AnyPolicySettings | null | undefined;
}

/** The changes, or what makes them of the user as they are: it runs again if others change the user meanwhile. */
type IdentityChangesOf = IdentityChanges | ((before: Identity | undefined) => IdentityChanges);

/** The maximum size of the `meta` of a user, in bytes of compact JSON in UTF-8. */
const metaMaxBytes = 4096;

/** How often a change starts again while others change the same user. */
const maxAttempts = 20;

/**
 * The user with this identifier.
 *
 * @throws Problem identity_not_found, also for a user of another workspace, and for one who is being deleted
 */
export async function getIdentity(store: Store, workspaceId: string, externalId: string): Promise<Identity> {
  const found = await store.identities.find({ workspaceId, externalId });
  if (found === undefined) throw new Problem('unkey/data/identity_not_found');
  return found.identity;
}

/** One page of the users of a workspace whose identifier or name has the text, in the order of their identifiers. */
export function listIdentities(
  store: Store,
  workspaceId: string,
  search: string | undefined,
  page: PageRequest,
): Promise<Page<Identity>> {
  const wanted = search === undefined ? undefined : searchForm(search);
  const has = (text = '') => searchForm(text).includes(wanted ?? '');
  const fits = ({ externalId, name }: Identity) => wanted === undefined || has(externalId) || has(name);
  return store.identities.list(workspaceId, fits, page);
}

function check(externalId: string, { name, meta, policy }: IdentityChanges): void {
  const failures: ValidationFailure[] = [
    ...identifierFailures('externalId', externalId),
    ...nameFailures('name', name, IdentityNameSchema),
  ];
  if (meta && Buffer.byteLength(JSON.stringify(meta)) > metaMaxBytes) {
    const message = `must be at most ${metaMaxBytes} bytes as JSON`;
    failures.push({ location: 'body.meta', message, fix: 'Store it elsewhere, and send a reference to it.' });
  }
  if (failures.length > 0) throw invalidInput(...failures);
  if (policy) checkPolicy(policy);
}

/** The user with the changes, without `updatedAt`. */
function changed(before: Identity, changes: IdentityChanges): Identity {
  const { name: oldName, meta: oldMeta, policy: oldPolicy, identityId, externalId, createdAt, updatedAt } = before;
  const laid = <T>(change: T | null | undefined, old: T | undefined) =>
    change === undefined ? old : (change ?? undefined);
  const name = laid(changes.name && storedName(changes.name), oldName);
  const meta = laid(changes.meta, oldMeta);
  const policy = laid(changes.policy && (storedPolicy<UserPolicy>(changes.policy) ?? null), oldPolicy);
  return {
    ...{ identityId, externalId },
    ...(name !== undefined && { name }),
    ...(meta !== undefined && { meta }),
    ...(policy !== undefined && { policy }),
    ...{ createdAt, updatedAt },
  };
}

/**
 * Changes a user, and creates one who does not exist. If nothing changes, writes nothing. Every verification after this call is by
 * the new policy.
 *
 * @throws Problem invalid_input, identity_deletion_in_progress, limit_exceeded; of a caller that is no longer valid
 */
export async function updateIdentity(
  store: Store,
  workspaceId: string,
  externalId: string,
  given: IdentityChangesOf,
  by: Author<Manager>,
): Promise<Identity> {
  if (typeof given !== 'function') check(externalId, given);
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const before = await store.identities.find({ workspaceId, externalId });
    const changes = typeof given === 'function' ? given(before?.identity) : given;
    if (changes !== given) check(externalId, changes);
    const now = Date.now();
    const after = changed(before?.identity ?? newIdentity(externalId, now), changes);
    if (before !== undefined && isDeepStrictEqual(after, before.identity)) return after;
    const written = { ...after, updatedAt: now };
    const { externalId: _, ...shown } = written;
    const { externalId: __, ...shownBefore } = before?.identity ?? written;
    const resource = { type: 'identity', id: after.identityId } as const;
    const change =
      before === undefined
        ? changeOf(by, 'identity.create', resource, undefined, shown, { externalId })
        : changeOf(by, 'identity.update', resource, shownBefore, shown, { externalId });
    if ((await store.identities.write(workspaceId, before, written, change)) === 'ok') return written;
  }
  throw new Error('the user kept changing while this change was attempted');
}
