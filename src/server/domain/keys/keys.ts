import type { ApiKey, NewKey, Pagination } from '../../../../generated/client/types.gen.ts';
import type { Known } from '../../../../generated/known-values.ts';
import { Problem } from '../../problem.ts';
import type { ApiKeyRecord, StoredApiKey } from '../../store/api-key-record.ts';
import type { Store } from '../../store/index.ts';
import { newApiKey, newId } from '../credentials.ts';
import { pageRequest, paginationOf } from '../pagination.ts';
import type { AuthenticatedSession } from '../sessions/sessions.ts';
import { searchForm } from '../text.ts';
import { ownerOf, portalApi, readableApis, requireOnApi } from './key-access.ts';
import { applyKeySettings, checkKeySettings, type KeySettings } from './key-settings.ts';

/** The key as its user can see it. */
const shown = ({ externalId: _, rerolled: __, byteLength: ___, ...key }: ApiKeyRecord): ApiKey => key;

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
 * Creates a key for the session's user. Returns the plaintext, which is never shown again.
 *
 * @throws Problem api_not_found, insufficient_permissions, invalid_input, key_limit_exceeded
 */
export async function createKey(
  store: Store,
  session: AuthenticatedSession,
  { apiId, byteLength = 24, ...settings }: KeySettings & { apiId: string; byteLength?: number },
  limit: number,
): Promise<NewKey> {
  const { prefix } = await portalApi(store, session, apiId, 'create_key');
  checkKeySettings(settings);
  const { workspaceId, externalId } = ownerOf(session);
  const { plaintext, hash, start } = newApiKey(prefix, byteLength);
  const now = Date.now();
  const blank = { keyId: newId('key'), apiId, externalId, start, byteLength, enabled: true, rerolled: false };
  const record = applyKeySettings({ ...blank, createdAt: now, updatedAt: now }, settings);
  const outcome = await store.apiKeys.create(workspaceId, record, hash, limit);
  if (outcome === 'api_not_found') throw new Problem('unkey/data/api_not_found');
  if (outcome === 'limit_exceeded') throw limitExceeded(limit);
  return { keyId: record.keyId, key: plaintext };
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
 * @throws Problem key_not_found, insufficient_permissions, invalid_input, key_retired, key_limit_exceeded
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
    const outcome = await store.apiKeys.replace(session.portal.workspaceId, key, updated, limit);
    if (outcome === 'not_found') throw new Problem('unkey/data/key_not_found');
    if (outcome === 'limit_exceeded') throw limitExceeded(limit);
    return outcome === 'stale' ? outcome : shown(updated);
  });
}

/**
 * Deletes one of the session's own keys.
 *
 * @throws Problem key_not_found, insufficient_permissions
 */
export async function deleteKey(store: Store, session: AuthenticatedSession, keyId: string): Promise<void> {
  const key = await findOwn(store, session, keyId, 'delete_key');
  if (!(await store.apiKeys.delete(session.portal.workspaceId, key))) throw new Problem('unkey/data/key_not_found');
}

/**
 * Replaces one of the session's own keys. Returns the plaintext of the new key, which is never shown again.
 *
 * @param overlap how long the old key stays valid at most, in ms
 * @throws Problem key_not_found, insufficient_permissions, key_retired
 */
export function rerollKey(
  store: Store,
  session: AuthenticatedSession,
  { keyId, overlap }: { keyId: string; overlap: number },
): Promise<NewKey> {
  const read = () => findOwn(store, session, keyId, 'create_key');
  return withoutConflict(read, async (old) => {
    const { workspaceId } = session.portal;
    const api = await store.apis.find(workspaceId, old.record.apiId);
    // There are no new keys for an API that was deleted.
    if (api === undefined) throw new Problem('unkey/data/key_not_found');
    const { plaintext, hash, start } = newApiKey(api.prefix, old.record.byteLength);
    const { lastUsedAt: _, ...settings } = old.record;
    const successor = { ...settings, keyId: newId('key'), start, createdAt: Date.now() };
    const outcome = await store.apiKeys.reroll(workspaceId, old, successor, hash, overlap);
    if (outcome === 'not_found') throw new Problem('unkey/data/key_not_found');
    if (outcome === 'retired') throw new Problem('unkey/data/key_retired');
    return outcome === 'stale' ? outcome : { keyId: successor.keyId, key: plaintext };
  });
}
