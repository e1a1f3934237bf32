/** Makes the changes again that a restored backup has undone, each by the rule that made it first. */
import { isDeepStrictEqual } from 'node:util';
import { Problem } from '../../problem.ts';
import type { ApiKeyRecord, StoredApiKey } from '../../store/api-key-record.ts';
import type { Store } from '../../store/index.ts';
import type { WorkspaceOperator } from '../../store/proof.ts';
import { graceMs } from '../../store/scripts/keys.ts';
import { deleteIdentity } from '../identities/erasure.ts';
import { type IdentityChanges, updateIdentity } from '../identities/identities.ts';
import { deletionOf, updateOf } from '../keys/key-audit.ts';
import { applyKeySettings, type KeySettings } from '../keys/key-settings.ts';
import { type ApiChanges, deleteApi, getApi, updateApi } from '../portals/apis.ts';
import { applySettings, type PortalSettings } from '../portals/portal-settings.ts';
import { deletePortal, getPortal, updatePortal } from '../portals/portals.ts';
import type { Author } from '../workspaces/audit.ts';
import { removeKeysOfDeletedApis } from '../workspaces/removals.ts';
import { revokeRootKey } from '../workspaces/root-keys.ts';
import { requireWorkspace, setWorkspaceEnabled } from '../workspaces/workspaces.ts';
import type { Replay } from './replay.ts';

/** What a change comes to: it is made now, the backup has it already, or its resource is not in the backup. */
type Outcome = 'made' | 'there' | 'absent';

/** Where a change is made again, and by whom. */
export interface Where {
  store: Store;
  workspaceId: string;
  by: Author<WorkspaceOperator>;
  /** Changes nothing. */
  isDryRun: boolean;
}

/** As many keys as a user has: what was allowed once is allowed again. */
const anyNumber = Number.MAX_SAFE_INTEGER;
/** How often a change of a key starts again. Servers do not work meanwhile. */
const maxAttempts = 20;

/** The value, or undefined if it does not exist. */
const ifFound = <T>(found: Promise<T>): Promise<T | undefined> =>
  found.catch((error: unknown) => {
    if (error instanceof Problem && error.status === 404) return undefined;
    throw error;
  });

/** The key as it was after the changes. */
function changedKey(record: ApiKeyRecord, { changes, unknown, endsAt }: Replay): ApiKeyRecord {
  const { lastUsedAt: _, ...before } = record;
  const changed = applyKeySettings(before, changes as KeySettings);
  const bounds = ['scopes', 'ipRanges', 'ratelimit', 'managed'].some((name) => unknown.has(name));
  return {
    ...changed,
    // Without what bounded it, it must not be used.
    ...(bounds && { enabled: false }),
    ...(endsAt !== undefined && { expires: Math.min(endsAt, changed.expires ?? endsAt), rerolled: true }),
  };
}

/** Writes a key again, or deletes it. Starts again if the key has changed since it was read. */
async function writeKey(
  { store, workspaceId, by: { proof, ...from } }: Where,
  keyId: string,
  after: (record: ApiKeyRecord) => ApiKeyRecord | undefined,
): Promise<void> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const stored = await store.apiKeys.findById(workspaceId, keyId);
    if (stored === undefined) return;
    const written = after(stored.record);
    const outcome =
      written === undefined
        ? await store.apiKeys.delete(deletionOf(proof, from, stored.record), stored)
        : await store.apiKeys.replace(updateOf(proof, from, stored.record, written), stored, written, anyNumber);
    if (outcome !== 'stale') return;
  }
  throw new Error('the key keeps changing: stop the servers');
}

/** Disables a key of the backup. */
export const disableKey = (where: Where, keyId: string): Promise<void> =>
  writeKey(where, keyId, (record) => ({ ...record, enabled: false, updatedAt: Date.now() }));

async function replayKey(where: Where, replay: Replay): Promise<Outcome> {
  const { store, workspaceId, isDryRun } = where;
  const found: StoredApiKey | undefined = await store.apiKeys.findById(workspaceId, replay.id);
  if (found === undefined) return 'absent';
  const { lastUsedAt: _, ...before } = found.record;
  const changed = changedKey(found.record, replay);
  const isGone = replay.isDeleted || (changed.expires ?? anyNumber) + graceMs <= Date.now();
  if (!isGone && isDeepStrictEqual(changed, before)) return 'there';
  if (isDryRun) return 'made';
  await writeKey(where, replay.id, (record) =>
    isGone ? undefined : { ...changedKey(record, replay), updatedAt: Date.now() },
  );
  return 'made';
}

/** What can be changed of a portal. */
const settingNames = new Set([
  ...['enabled', 'name', 'hostname', 'returnUrl', 'supportUrl', 'openapiUrl', 'branding', 'apiIds'],
  ...['allowedReturnOrigins', 'embeddingOrigins', 'allowedOrigins'],
]);

async function replayPortal({ store, workspaceId, by, isDryRun }: Where, replay: Replay): Promise<Outcome> {
  const portal = await ifFound(getPortal(store, workspaceId, replay.id));
  if (portal === undefined) return 'absent';
  const changes = Object.entries(replay.changes).filter(([name]) => settingNames.has(name));
  const settings: PortalSettings = Object.fromEntries(changes);
  if (!replay.isDeleted && isDeepStrictEqual(applySettings(portal, settings), portal)) return 'there';
  if (isDryRun) return 'made';
  if (replay.isDeleted) await deletePortal(store, workspaceId, replay.id, by);
  else await updatePortal(store, workspaceId, replay.id, settings, by);
  return 'made';
}

async function replayApi({ store, workspaceId, by, isDryRun }: Where, replay: Replay): Promise<Outcome> {
  const api = await ifFound(getApi(store, workspaceId, replay.id));
  if (api === undefined) return 'absent';
  const { name, policy, scopeSource: source } = replay.changes as ApiChanges & { scopeSource?: { portalId: string } };
  const now = { name: api.name, policy: api.policy ?? null, scopeSource: api.scopeSource ?? null };
  const isThere = (['name', 'policy', 'scopeSource'] as const).every((field) => {
    const value = replay.changes[field];
    return value === undefined || isDeepStrictEqual(value, now[field]);
  });
  if (!replay.isDeleted && isThere) return 'there';
  if (isDryRun) return 'made';
  if (replay.isDeleted) {
    await deleteApi(store, workspaceId, replay.id, by);
    await removeKeysOfDeletedApis(store, workspaceId);
    return 'made';
  }
  const changes = {
    ...(name !== undefined && { name }),
    ...(policy !== undefined && { policy }),
    ...(source !== undefined && { scopeSource: source && { ...source, portal: source.portalId } }),
  };
  await updateApi(store, workspaceId, replay.id, changes as ApiChanges, by);
  return 'made';
}

async function replayIdentity({ store, workspaceId, by, isDryRun }: Where, replay: Replay): Promise<Outcome> {
  const { externalId, id, isDeleted, createdAt } = replay;
  const stored = externalId === undefined ? undefined : await store.identities.find({ workspaceId, externalId });
  const found = stored?.identity.identityId === id ? stored.identity : undefined;
  if (isDeleted) {
    if (externalId === undefined || found === undefined) return 'absent';
    if (!isDryRun) await deleteIdentity(store, workspaceId, externalId, by);
    return 'made';
  }
  // A user has no secret, so one who was created can be created again, with the policy that bounds their keys.
  if (externalId === undefined || (found === undefined && !(createdAt !== undefined && stored === undefined)))
    return 'absent';
  const { name, meta, policy } = replay.changes as IdentityChanges;
  const isThere = [
    [name, found?.name],
    [meta, found?.meta],
    [policy, found?.policy],
  ].every(([change, now]) => change === undefined || isDeepStrictEqual(change, now ?? null));
  if (found !== undefined && isThere) return 'there';
  if (!isDryRun) await updateIdentity(store, workspaceId, externalId, { name, meta, policy }, by);
  return 'made';
}

async function replayRootKey({ store, workspaceId, by, isDryRun }: Where, { id, isDeleted }: Replay): Promise<Outcome> {
  const isStored = (await store.rootKeys.list(workspaceId)).some(({ rootKeyId }) => rootKeyId === id);
  if (!isStored) return 'absent';
  if (!isDeleted) return 'there';
  if (!isDryRun) await revokeRootKey(store, workspaceId, id, by);
  return 'made';
}

async function replayWorkspace({ store, workspaceId, by, isDryRun }: Where, { id, changes }: Replay): Promise<Outcome> {
  const { enabled } = changes;
  if (id !== workspaceId || typeof enabled !== 'boolean') return 'absent';
  if ((await requireWorkspace(store, workspaceId)).enabled === enabled) return 'there';
  if (!isDryRun) await setWorkspaceEnabled(store, workspaceId, enabled, by);
  return 'made';
}

/** The types of resources in the order of their changes: an API goes after the portals that named it. */
export const replayers: Record<string, (where: Where, replay: Replay) => Promise<Outcome>> = {
  root_key: replayRootKey,
  portal: replayPortal,
  api: replayApi,
  identity: replayIdentity,
  key: replayKey,
  workspace: replayWorkspace,
};
