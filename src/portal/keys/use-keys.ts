import { keepPreviousData, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import type { KeyCounts, ListedKey } from '../../../generated/client/types.gen.ts';
import { firstPage } from '../first-requests.ts';
import { portal } from '../server/client.ts';
import { now } from '../server/clock.ts';
import { useLast } from '../server/last.ts';
import { type FullPage, fullPage } from '../server/pages.ts';
import { pollAfterMs, waitsForFirstCall } from './first-call.ts';
import type { KeyQuery } from './key-query.ts';

/** Keys per page, and the most that a call returns. */
export const pageSize = firstPage.limit;
const maxLimit = 100;

interface KeyPage extends FullPage<ListedKey> {
  /** How many keys match the filter without its state. */
  counts: KeyCounts | undefined;
  /** The last page of the list, if this one is behind it. */
  lastPage?: number;
}

/** Where the pages start that others have led to, by query. */
const starts = new Map<string, string>();
const nameOf = ({ search, apiId, state, sort, page }: KeyQuery) => JSON.stringify([search, apiId, state, sort, page]);

type Read = Parameters<typeof fullPage<ListedKey>>[2];

/** The start of a page, for example of an address: it is known, or all pages before are read, as many keys at once as possible. */
async function startOf(query: KeyQuery, read: Read): Promise<{ start: string | undefined } | { lastPage: number }> {
  const known = starts.get(nameOf(query));
  if (query.page === 1 || known !== undefined) return { start: known };
  const before = (query.page - 1) * pageSize;
  let start: string | undefined;
  for (let seen = 0; seen < before; ) {
    const { items, next } = await fullPage<ListedKey>(Math.min(before - seen, maxLimit), start, read);
    seen += items.length;
    if (next === undefined) return { lastPage: Math.max(1, Math.ceil(seen / pageSize)) };
    start = next;
  }
  return { start };
}

async function readPage(query: KeyQuery): Promise<KeyPage> {
  const { search, apiId, state, sort, page } = query;
  let counts: KeyCounts | undefined;
  const read: Read = async (part) => {
    const response = await portal.listKeys({
      ...{ ...part, sort },
      ...(search !== '' && { search }),
      ...(apiId !== '' && { apiId }),
      ...(state !== 'all' && { state }),
    });
    counts ??= response.pagination.counts;
    return response;
  };
  const place = await startOf(query, read);
  if ('lastPage' in place) return { items: [], next: undefined, counts, lastPage: place.lastPage };
  const found = await fullPage<ListedKey>(pageSize, place.start, read);
  if (found.next !== undefined) starts.set(nameOf({ ...query, page: page + 1 }), found.next);
  // The last key of this page is gone since the page before it has led here.
  const isBehind = found.items.length === 0 && found.next === undefined && page > 1;
  return { ...found, counts, ...(isBehind && { lastPage: page - 1 }) };
}

const allKeys = 'keys';

/** One page of the user's keys. */
export const keysQuery = (query: KeyQuery) =>
  queryOptions({ queryKey: [allKeys, query], queryFn: () => readPage(query) });

/**
 * Reads one page of the user's keys. The previous page stays visible while the next one loads, and if it cannot be loaded. While a new user
 * waits for the first call, it is read again and again, but not in a hidden tab.
 */
export function useKeys(query: KeyQuery, enabled: boolean) {
  const { data, ...result } = useQuery({
    ...keysQuery(query),
    placeholderData: keepPreviousData,
    enabled,
    refetchInterval: ({ state }) => waitsForFirstCall(query, state.data, now()) && pollAfterMs(state.dataUpdateCount),
  });
  return { ...result, page: useLast(data) };
}

/** Reads one key of the user by its id; null if it no longer exists. */
export const useKey = (keyId: string) =>
  useQuery({
    queryKey: [allKeys, keyId],
    queryFn: async () => (await portal.listKeys({ search: keyId, limit: 1 })).data[0] ?? null,
  });

/** Invalidates all pages of keys. */
export function useKeysChanged(): () => Promise<void> {
  const client = useQueryClient();
  return () => {
    starts.clear();
    return client.invalidateQueries({ queryKey: [allKeys] });
  };
}
