import { ApiPrefixSchema } from '../../../../generated/client/schemas.gen.ts';
import type { ApiKey, KeyDetails, NewKey } from '../../../../generated/client/types.gen.ts';
import type { Known } from '../../../../generated/known-values.ts';
import { invalidInput, Problem } from '../../problem.ts';
import type { ApiKeyRecord, StoredApiKey } from '../../store/api-key-record.ts';
import type { RequestSource } from '../../store/audit.ts';
import type { Store } from '../../store/index.ts';
import { type Partition, partitionOf, partitionsOfKeyId } from '../../store/partitions.ts';
import type { VerifiedRootKey } from '../../store/proof.ts';
import { newKeyId } from '../credentials.ts';
import type { RepeatableRequest } from '../idempotency.ts';
import { settingBounds } from '../policies/bounds.ts';
import { identifierFailures } from '../text.ts';
import { isUser, type KeyCaller, ownerOf, usableApi, usableKey, workspaceOf } from './key-access.ts';
import { creationOf, deletionOf, rerollOf, updateOf } from './key-audit.ts';
import { applyKeySettings, checkKeySettings, type KeySettings, keySettingFailures, ofNewKey } from './key-settings.ts';
import { findNewKey, newKey, newKeyAgain } from './repeatable-key.ts';

/** What a caller chooses for a new key besides its settings. */
interface NewKeyParts {
  apiId: string;
  /** The user of a key that a backend creates. */
  externalId?: string;
  /** The number of random bytes, 24 by default. */
  byteLength?: number | undefined;
  /** Instead of the prefix of the API. */
  prefix?: string | undefined;
}

/** The key as its user can see it. */
export const shown = ({
  externalId: _,
  rerolled: __,
  byteLength: ___,
  managed = false,
  ...key
}: ApiKeyRecord): ApiKey => ({
  ...key,
  managed,
});

/** The key as a backend can see it. */
export const shownToBackend = (key: ApiKeyRecord): KeyDetails => ({ ...shown(key), externalId: key.externalId });

/** A key that the caller can change: a user cannot change what a backend manages. @throws Problem as usableKey; key_managed */
async function changeableKey(
  store: Store,
  caller: KeyCaller,
  keyId: string,
  action: Known<'KeyAction'>,
): Promise<StoredApiKey> {
  const key = await usableKey(store, caller, keyId, action);
  if (isUser(caller) && key.record.managed) throw new Problem('unkey/authorization/key_managed');
  return key;
}

/**
 * A key of any user, for a backend.
 *
 * @throws Problem key_not_found, insufficient_permissions
 */
export const getKey = async (store: Store, rootKey: VerifiedRootKey, keyId: string): Promise<KeyDetails> =>
  shownToBackend((await usableKey(store, rootKey, keyId, 'read_key')).record);

const limitExceeded = (limit: number) =>
  new Problem('unkey/data/key_limit_exceeded', { parameters: { limit: String(limit) } });

/** Whose key is created: that of a session's user, or of any user for a backend. */
const ownerFor = (caller: KeyCaller, externalId: string | undefined) =>
  isUser(caller) ? ownerOf(caller) : { workspaceId: caller.workspaceId, externalId: externalId ?? '' };

/**
 * Creates a key for the session's user, or for any user of a backend. Returns the plaintext, which is never shown again, except for the
 * same request of the same caller with the same Idempotency-Key.
 *
 * @param limit how many active keys the user can have in the API
 * @param request exists if the request has an Idempotency-Key
 * @param from the request, for the audit log
 * @throws Problem api_not_found, insufficient_permissions, invalid_input, key_limit_exceeded, limit_exceeded, key_reused; of a
 *   caller that is no longer valid
 */
export async function createKey(
  store: Store,
  caller: KeyCaller,
  { apiId, externalId, byteLength = 24, prefix, ...settings }: KeySettings & NewKeyParts,
  limit: number,
  request?: RepeatableRequest,
  from: RequestSource = {},
): Promise<NewKey> {
  const owner = ownerFor(caller, externalId);
  const place = partitionOf(owner);
  // All are read in one round trip.
  const [api, userPolicy, again] = await Promise.all([
    usableApi(store, caller, apiId, 'create_key'),
    store.userPolicies.find(owner),
    findNewKey(store, caller, place, request),
  ]);
  if (again !== undefined) return again;
  const bounds = {
    bounds: await settingBounds(store, owner.workspaceId, api, userPolicy),
    createdAt: Date.now(),
  };
  const failures = [
    ...identifierFailures('externalId', owner.externalId),
    ...keySettingFailures(ofNewKey(settings), bounds),
  ];
  if (failures.length > 0) throw invalidInput(...failures);
  const keyId = newKeyId(place);
  const parts = { keyId, apiId, prefix: prefix ?? api.prefix, byteLength };
  const { plaintext, hash, start, response } = newKey(caller, place, parts, request);
  const record = newRecord({ keyId, apiId, externalId: owner.externalId, start, byteLength }, settings);
  const by = creationOf(caller, from, 'key.create', record);
  const outcome = await store.apiKeys.create(by, record, hash, limit, response);
  if (outcome === 'limit_exceeded') throw limitExceeded(limit);
  if (request !== undefined && outcome !== 'ok') return newKeyAgain(caller, request, outcome);
  return { keyId, key: plaintext };
}

/** A record of a new key. */
export function newRecord(
  parts: Pick<ApiKeyRecord, 'keyId' | 'apiId' | 'externalId' | 'start' | 'byteLength'>,
  settings: KeySettings,
): ApiKeyRecord {
  const now = Date.now();
  const blank = { ...parts, enabled: true, rerolled: false, createdAt: now, updatedAt: now };
  return applyKeySettings(blank, settings);
}

/** How often a change is attempted while others change the same key. */
const maxAttempts = 20;

/** Changes the key as it is now. Starts again if the key changes in between. */
async function withoutConflict<T>(
  read: () => Promise<StoredApiKey>,
  work: (key: StoredApiKey) => Promise<T | 'stale'>,
): Promise<T> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const done = await work(await read());
    if (done !== 'stale') return done;
  }
  throw new Error('the key kept changing while this change was attempted');
}

/**
 * Changes a key, and returns it.
 *
 * @param limit how many active keys the user can have in the API: an expired key with a later expiry is one again
 * @param from the request, for the audit log
 * @throws Problem key_not_found, insufficient_permissions, invalid_input, key_managed, key_retired, key_limit_exceeded,
 *   limit_exceeded; of a caller that is no longer valid
 */
export async function updateKey(
  store: Store,
  caller: KeyCaller,
  keyId: string,
  settings: KeySettings,
  limit: number,
  from: RequestSource = {},
): Promise<ApiKeyRecord> {
  const read = () => changeableKey(store, caller, keyId, 'update_key');
  return withoutConflict(read, async (key) => {
    const { apiId, externalId, createdAt, scopes, rerolled } = key.record;
    const workspaceId = workspaceOf(caller);
    const [api, userPolicy] = await Promise.all([
      store.apis.find(workspaceId, apiId),
      store.userPolicies.find({ workspaceId, externalId }),
    ]);
    if (api === undefined) throw new Problem('unkey/data/key_not_found');
    const bounds = await settingBounds(store, workspaceId, api, userPolicy);
    checkKeySettings(settings, { bounds, createdAt, kept: scopes });
    // A reroll has set its end.
    if (rerolled) throw new Problem('unkey/data/key_retired');
    const updated = { ...applyKeySettings(key.record, settings), updatedAt: Date.now() };
    const by = updateOf(caller, from, key.record, updated);
    const outcome = await store.apiKeys.replace(by, key, updated, limit);
    if (outcome === 'not_found') throw new Problem('unkey/data/key_not_found');
    if (outcome === 'limit_exceeded') throw limitExceeded(limit);
    return outcome === 'stale' ? outcome : updated;
  });
}

/**
 * Deletes a key.
 *
 * @param from the request, for the audit log
 * @throws Problem key_not_found, insufficient_permissions, key_managed; of a caller that is no longer valid
 */
export function deleteKey(store: Store, caller: KeyCaller, keyId: string, from: RequestSource = {}): Promise<void> {
  const read = () => changeableKey(store, caller, keyId, 'delete_key');
  return withoutConflict(read, async (key) => {
    const outcome = await store.apiKeys.delete(deletionOf(caller, from, key.record), key);
    if (outcome === 'not_found') throw new Problem('unkey/data/key_not_found');
    return outcome === 'stale' ? outcome : undefined;
  });
}

/** The partition of the user of a key, for a caller who names only the key; undefined if nothing has it any more. */
async function placeOfKey(store: Store, caller: KeyCaller, keyId: string): Promise<Partition | undefined> {
  if (isUser(caller)) return partitionOf(ownerOf(caller));
  const { workspaceId } = caller;
  const [only, second] = partitionsOfKeyId(workspaceId, keyId);
  if (second === undefined) return only;
  const found = await store.apiKeys.findById(workspaceId, keyId);
  return found && partitionOf({ workspaceId, externalId: found.record.externalId });
}

/** The prefix of a key, by its first characters: those of a new key are its prefix and four letters. */
const prefixOf = (start: string): string | undefined =>
  /^([A-Za-z0-9]+(?:_[A-Za-z0-9]+)*)_[A-Za-z0-9]{1,8}$/.exec(start)?.[1]?.slice(0, ApiPrefixSchema.maxLength);

/**
 * Replaces a key. Returns the plaintext of the new key, which is never shown again, except for the same request of the same caller with
 * the same Idempotency-Key.
 *
 * @param overlap how long the old key stays valid at most, in ms
 * @param request exists if the request has an Idempotency-Key
 * @param from the request, for the audit log
 * @throws Problem key_not_found, insufficient_permissions, key_managed, key_retired, limit_exceeded, key_reused; of a caller that is no
 *   longer valid
 */
export async function rerollKey(
  store: Store,
  caller: KeyCaller,
  { keyId, overlap }: { keyId: string; overlap: number },
  request?: RepeatableRequest,
  from: RequestSource = {},
): Promise<NewKey> {
  // Comes first: the first request has retired the old key, which may even be deleted by now.
  const place = request && (await placeOfKey(store, caller, keyId));
  const again = place && (await findNewKey(store, caller, place, request));
  if (again !== undefined) return again;
  const read = () => changeableKey(store, caller, keyId, 'create_key');
  return withoutConflict(read, async (old) => {
    const workspaceId = workspaceOf(caller);
    const api = await store.apis.find(workspaceId, old.record.apiId);
    // There are no new keys for an API that was deleted.
    if (api === undefined) throw new Problem('unkey/data/key_not_found');
    const { lastUsedAt: _, ...settings } = old.record;
    const { apiId, byteLength, externalId } = settings;
    const own = partitionOf({ workspaceId, externalId });
    const parts = { keyId: newKeyId(own), apiId, prefix: prefixOf(settings.start) ?? api.prefix, byteLength };
    const { plaintext, hash, start, response } = newKey(caller, own, parts, request);
    const successor = { ...settings, keyId: parts.keyId, start, createdAt: Date.now(), replaces: keyId };
    const by = rerollOf(caller, from, old.record, successor, overlap);
    const outcome = await store.apiKeys.reroll(by, old, successor, hash, overlap, response);
    if (outcome === 'not_found') throw new Problem('unkey/data/key_not_found');
    if (outcome === 'retired') throw new Problem('unkey/data/key_retired');
    if (request !== undefined && typeof outcome === 'object') return newKeyAgain(caller, request, outcome);
    return outcome === 'stale' ? outcome : { keyId: successor.keyId, key: plaintext };
  });
}
