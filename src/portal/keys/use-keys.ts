import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ApiKey } from '../../../generated/client/types.gen.ts';
import { answerOf } from '../server/answer.ts';
import { portal } from '../server/client.ts';

/** Which keys, and from where on. */
export interface KeyQuery {
  search: string;
  /** Empty for all. */
  apiId: string;
  /** Where the page begins; the first one without. */
  cursor: string | undefined;
}

/** One page of keys as it is shown. */
export interface KeyPage {
  keys: ApiKey[];
  /** Where the next page begins, where there is one. */
  next: string | undefined;
}

/** How many keys are on a page. */
const pageSize = 20;
/** How many calls one page may take: with a filter the server may answer with fewer keys than there are. */
const mostCalls = 25;

/** Reads on until the page is full or the list is at its end. */
async function readPage({ search, apiId, cursor }: KeyQuery): Promise<KeyPage> {
  const keys: ApiKey[] = [];
  let next = cursor;
  for (let calls = 0; calls < mostCalls; calls++) {
    const body = {
      limit: pageSize - keys.length,
      ...(search !== '' && { search }),
      ...(apiId !== '' && { apiId }),
      ...(next !== undefined && { cursor: next }),
    };
    const { data, pagination } = await answerOf(portal.listKeys({ body }));
    keys.push(...data);
    next = pagination.cursor;
    if (!pagination.hasMore || keys.length >= pageSize) break;
  }
  return { keys, next };
}

const allKeys = 'keys';

/** One page of the user's keys; the page before stays on the screen while the next is read. */
export const useKeys = (query: KeyQuery, enabled: boolean) =>
  useQuery({
    queryKey: [allKeys, query],
    queryFn: () => readPage(query),
    placeholderData: keepPreviousData,
    enabled,
  });

/** Has every page of keys read anew. */
export function useKeysChanged(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: [allKeys] });
}
