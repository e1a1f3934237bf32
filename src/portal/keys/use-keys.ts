import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import type { KeyCounts, ListedKey, ListKeysRequest } from '../../../generated/client/types.gen.ts';
import { portal } from '../server/client.ts';
import { useLast } from '../server/last.ts';
import { type FullPage, fullPage } from '../server/pages.ts';

export type Sort = NonNullable<ListKeysRequest['sort']>;

/** Which keys a list has, and in which order. */
export interface KeyFilter {
  search: string;
  /** Empty for all. */
  apiId: string;
  state: NonNullable<ListKeysRequest['state']> | 'all';
  sort: Sort;
}

/** The filter and the start of a page of keys; undefined for the first page. */
type KeyQuery = KeyFilter & { cursor: string | undefined };

/** Keys per page. */
export const pageSize = 20;

interface KeyPage extends FullPage<ListedKey> {
  /** How many keys match the filter without its state. */
  counts: KeyCounts | undefined;
}

async function readPage({ search, apiId, state, sort, cursor }: KeyQuery): Promise<KeyPage> {
  let counts: KeyCounts | undefined;
  const page = await fullPage<ListedKey>(pageSize, cursor, async (part) => {
    const response = await portal.listKeys({
      ...{ ...part, sort },
      ...(search !== '' && { search }),
      ...(apiId !== '' && { apiId }),
      ...(state !== 'all' && { state }),
    });
    counts ??= response.pagination.counts;
    return response;
  });
  return { ...page, counts };
}

const allKeys = 'keys';

/** Reads one page of the user's keys. The previous page stays visible while the next one loads, and if it cannot be loaded. */
export function useKeys(query: KeyQuery, enabled: boolean) {
  const { data, ...result } = useQuery({
    queryKey: [allKeys, query],
    queryFn: () => readPage(query),
    placeholderData: keepPreviousData,
    enabled,
  });
  return { ...result, page: useLast(data) };
}

/** Invalidates all pages of keys. */
export function useKeysChanged(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: [allKeys] });
}
