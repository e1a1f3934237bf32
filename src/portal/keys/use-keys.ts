import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ApiKey } from '../../../generated/client/types.gen.ts';
import { portal } from '../server/client.ts';
import { useLast } from '../server/last.ts';
import { type FullPage, fullPage } from '../server/pages.ts';

/** The filter and the start of a page of keys. */
export interface KeyQuery {
  search: string;
  /** Empty for all. */
  apiId: string;
  /** Start of the page; undefined for the first page. */
  cursor: string | undefined;
}

/** Keys per page. */
const pageSize = 20;

const readPage = ({ search, apiId, cursor }: KeyQuery): Promise<FullPage<ApiKey>> =>
  fullPage(pageSize, cursor, (page) =>
    portal.listKeys({ ...page, ...(search !== '' && { search }), ...(apiId !== '' && { apiId }) }),
  );

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
