import type { KeyDetails, Pagination } from '../../../../generated/client/types.gen.ts';
import type { ApiKeyRecord } from '../../store/api-key-record.ts';
import type { Store } from '../../store/index.ts';
import type { VerifiedRootKey } from '../../store/proof.ts';
import { pageRequest, paginationOf } from '../pagination.ts';
import { searchForm } from '../text.ts';
import { usableApi } from './key-access.ts';
import { shownToBackend } from './keys.ts';

/** Which keys of an API. */
interface KeyFilter {
  apiId: string;
  externalId?: string | undefined;
  /** A part of the name, or the first characters of the key. */
  search?: string | undefined;
  state?: 'enabled' | 'disabled' | 'expired' | undefined;
}

/** Whether a key is enabled, disabled, or has ended. */
function stateOf({ enabled, expires }: ApiKeyRecord, now: number): NonNullable<KeyFilter['state']> {
  if (expires !== undefined && expires <= now) return 'expired';
  return enabled ? 'enabled' : 'disabled';
}

/**
 * One page of the keys of an API that a backend wants, newest first. Reads a bounded number of keys, so a page may be short although more
 * follow.
 *
 * @throws Problem api_not_found, insufficient_permissions, invalid_input for a cursor of another list
 */
export async function listKeysOfApi(
  store: Store,
  rootKey: VerifiedRootKey,
  { limit, cursor, ...filter }: KeyFilter & { limit?: number; cursor?: string },
): Promise<{ keys: KeyDetails[]; pagination: Pagination }> {
  const { workspaceId } = rootKey;
  const { apiId, externalId, search, state } = filter;
  await usableApi(store, rootKey, apiId, 'read_key');
  const now = Date.now();
  const text = search === undefined ? undefined : searchForm(search);
  const wanted = (key: ApiKeyRecord) =>
    key.apiId === apiId &&
    (state === undefined || stateOf(key, now) === state) &&
    (search === undefined ||
      key.start.startsWith(search) ||
      (text !== undefined && key.name !== undefined && searchForm(key.name).includes(text)));
  const of = JSON.stringify([apiId, externalId, search, state]);
  const list = { workspaceId, kind: 'keys', of } as const;
  const page = pageRequest(list, { limit, cursor });
  const found =
    externalId === undefined
      ? await store.apiKeys.listOfApi(workspaceId, apiId, page, wanted)
      : await store.apiKeys.list({ workspaceId, externalId }, page, wanted);
  return { keys: found.items.map(shownToBackend), pagination: paginationOf(list, found) };
}
