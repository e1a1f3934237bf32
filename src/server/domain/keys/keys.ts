import type { ApiKey, NewKey, Pagination } from '../../../../generated/client/types.gen.ts';
import type { Known } from '../../../../generated/known-values.ts';
import { Problem } from '../../problem.ts';
import type { ApiKeyRecord, StoredApiKey } from '../../store/api-key-record.ts';
import type { Store } from '../../store/index.ts';
import { newId } from '../credentials.ts';
import type { RepeatableRequest } from '../idempotency.ts';
import { pageRequest, paginationOf } from '../pagination.ts';
import type { AuthenticatedSession } from '../sessions/sessions.ts';
import { searchForm } from '../text.ts';
import { ownerOf, portalApi, readableApis, requireOnApi } from './key-access.ts';
import { applyKeySettings, checkKeySettings, type KeySettings } from './key-settings.ts';
import { findNewKey, newKey, newKeyAgain } from './repeatable-key.ts';

/** The key as its user can see it. */
const shown = ({ externalId: _, rerolled: __, byteLength: ___, managed = false, ...key }: ApiKeyRecord): ApiKey => ({
  ...key,
  managed,
});

/** The session's own key, in an API of its portal. @throws Problem key_not_found, insufficient_permissions */
async function findOwn(
  store: Store,
  session: AuthenticatedSession,
  keyId: string,
  action: Known<'KeyAction'>,
): Promise<StoredApiKey> {
  const key = await store.apiKeys.find(ownerOf(session), keyId);
  if (key === undefined || !session.portal.apiIds.includes(key.record.apiId)) {
    throw new Problem('unkey/data/key_not_found');
  }
  requireOnApi(session, key.record.apiId, action);
  return key;
}

const limitExceeded = (limit: number) =>
  new Problem('unkey/data/key_limit_exceeded', { parameters: { limit: String(limit) } });

/**
 * One page of the session's own keys, newest first.
 *
 * @throws Problem api_not_found, insufficient_permissions, invalid_input for a cursor of another list
 */
export async function listKeys(
  store: Store,
  session: AuthenticatedSession,
  query: { apiId?: string; enabled?: boolean; search?: string; limit?: number; cursor?: string },
): Promise<{ keys: ApiKey[]; pagination: Pagination }> {
  const { apiId, enabled } = query;
  const search = query.search === undefined ? undefined : searchForm(query.search);
  const apis = new Set(await readableApis(store, session, 'read_key', apiId));
  const owner = ownerOf(session);
  const of = JSON.stringify([session.portal.portalId, owner.externalId, apiId, enabled, search]);
  const list = { workspaceId: owner.workspaceId, kind: 'keys', of } as const;
  const page = await store.apiKeys.list(
    owner,
    pageRequest(list, query),
    (key) =>
      apis.has(key.apiId) &&
      (enabled === undefined || key.enabled === enabled) &&
      (search === undefined || (key.name !== undefined && searchForm(key.name).includes(search))),
  );
  return { keys: page.items.map(shown), pagination: paginationOf(list, page) };
}

/**
 * Creates a key for the session's user. Returns the plaintext, which is never shown again, except for the same request with
 * the same Idempotency-Key in the same session.
 *
 * @param request exists if the request has an Idempotency-Key
 * @throws Problem api_not_found, insufficient_permissions, invalid_input, key_limit_exceeded, limit_exceeded, key_reused; of a
 *   session that is no longer valid
 */
export async function createKey(
  store: Store,
  session: AuthenticatedSession,
  { apiId, byteLength = 24, ...settings }: KeySettings & { apiId: string; byteLength?: number },
  limit: number,
  request?: RepeatableRequest,
): Promise<NewKey> {
  // Both are read in one round trip.
  const [{ prefix }, again] = await Promise.all([
    portalApi(store, session, apiId, 'create_key'),
    findNewKey(store, session, request),
  ]);
  if (again !== undefined) return again;
  checkKeySettings(settings);
  const { externalId } = ownerOf(session);
  const keyId = newId('key');
  const { plaintext, hash, start, response } = newKey(session, { keyId, apiId, prefix, byteLength }, request);
  const now = Date.now();
  const blank = { keyId, apiId, externalId, start, byteLength, enabled: true, rerolled: false };
  const record = applyKeySettings({ ...blank, createdAt: now, updatedAt: now }, settings);
  const outcome = await store.apiKeys.create(session, record, hash, limit, response);
  if (outcome === 'limit_exceeded') throw limitExceeded(limit);
  if (request !== undefined && outcome !== 'ok') return newKeyAgain(session, request, outcome);
  return { keyId, key: plaintext };
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
 * Changes one of the session's own keys.
 *
 * @param limit how many active keys the user can have in the API: an expired key with a later expiry is one again
 * @throws Problem key_not_found, insufficient_permissions, invalid_input, key_retired, key_limit_exceeded, limit_exceeded; of a
 *   session that is no longer valid
 */
export function updateKey(
  store: Store,
  session: AuthenticatedSession,
  keyId: string,
  settings: KeySettings,
  limit: number,
): Promise<ApiKey> {
  checkKeySettings(settings);
  const read = () => findOwn(store, session, keyId, 'update_key');
  return withoutConflict(read, async (key) => {
    // A reroll has set its end.
    if (key.record.rerolled) throw new Problem('unkey/data/key_retired');
    const updated = { ...applyKeySettings(key.record, settings), updatedAt: Date.now() };
    const outcome = await store.apiKeys.replace(session, key, updated, limit);
    if (outcome === 'not_found') throw new Problem('unkey/data/key_not_found');
    if (outcome === 'limit_exceeded') throw limitExceeded(limit);
    return outcome === 'stale' ? outcome : shown(updated);
  });
}

/**
 * Deletes one of the session's own keys.
 *
 * @throws Problem key_not_found, insufficient_permissions; of a session that is no longer valid
 */
export async function deleteKey(store: Store, session: AuthenticatedSession, keyId: string): Promise<void> {
  const key = await findOwn(store, session, keyId, 'delete_key');
  if (!(await store.apiKeys.delete(session, key))) throw new Problem('unkey/data/key_not_found');
}

/**
 * Replaces one of the session's own keys. Returns the plaintext of the new key, which is never shown again, except for the
 * same request with the same Idempotency-Key in the same session.
 *
 * @param overlap how long the old key stays valid at most, in ms
 * @param request exists if the request has an Idempotency-Key
 * @throws Problem key_not_found, insufficient_permissions, key_retired, limit_exceeded, key_reused; of a session that is no
 *   longer valid
 */
export async function rerollKey(
  store: Store,
  session: AuthenticatedSession,
  { keyId, overlap }: { keyId: string; overlap: number },
  request?: RepeatableRequest,
): Promise<NewKey> {
  // Comes first: the first request has retired the old key, which may even be deleted by now.
  const again = await findNewKey(store, session, request);
  if (again !== undefined) return again;
  const read = () => findOwn(store, session, keyId, 'create_key');
  return withoutConflict(read, async (old) => {
    const api = await store.apis.find(session.portal.workspaceId, old.record.apiId);
    // There are no new keys for an API that was deleted.
    if (api === undefined) throw new Problem('unkey/data/key_not_found');
    const { lastUsedAt: _, ...settings } = old.record;
    const { apiId, byteLength } = settings;
    const parts = { keyId: newId('key'), apiId, prefix: api.prefix, byteLength };
    const { plaintext, hash, start, response } = newKey(session, parts, request);
    const successor = { ...settings, keyId: parts.keyId, start, createdAt: Date.now() };
    const outcome = await store.apiKeys.reroll(session, old, successor, hash, overlap, response);
    if (outcome === 'not_found') throw new Problem('unkey/data/key_not_found');
    if (outcome === 'retired') throw new Problem('unkey/data/key_retired');
    if (request !== undefined && typeof outcome === 'object') return newKeyAgain(session, request, outcome);
    return outcome === 'stale' ? outcome : { keyId: successor.keyId, key: plaintext };
  });
}
