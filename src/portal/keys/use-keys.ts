import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ApiKey } from '../../../generated/client/types.gen.ts';
import { portal } from '../server/client.ts';

/** The filter and the start of a page of keys. */
export interface KeyQuery {
  search: string;
  /** Empty for all. */
  apiId: string;
  /** Start of the page; undefined for the first page. */
  cursor: string | undefined;
}

/** One page of keys in the UI. */
export interface KeyPage {
  keys: ApiKey[];
  /** Start of the next page, if one exists. */
  next: string | undefined;
}

/** Keys per page. */
const pageSize = 20;
/** Maximum number of calls for one page: with a filter the server may return short pages. */
const maxCalls = 25;

/** Reads until the page is full or the list ends. */
async function readPage({ search, apiId, cursor }: KeyQuery): Promise<KeyPage> {
  const keys: ApiKey[] = [];
  let next = cursor;
  for (let calls = 0; calls < maxCalls; calls++) {
    const body = {
      limit: pageSize - keys.length,
      ...(search !== '' && { search }),
      ...(apiId !== '' && { apiId }),
      ...(next !== undefined && { cursor: next }),
    };
    const { data, pagination } = await portal.listKeys(body);
    keys.push(...data);
    next = pagination.cursor;
    if (!pagination.hasMore || keys.length >= pageSize) break;
  }
  return { keys, next };
}

const allKeys = 'keys';

/** Reads one page of the user's keys. The previous page stays visible while the next one loads. */
export const useKeys = (query: KeyQuery, enabled: boolean) =>
  useQuery({
    queryKey: [allKeys, query],
    queryFn: () => readPage(query),
    placeholderData: keepPreviousData,
    enabled,
  });

/** Invalidates all pages of keys. */
export function useKeysChanged(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: [allKeys] });
}
