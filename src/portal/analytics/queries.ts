import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { ApiKey, GetVerificationsRequest, TopKey, Verifications } from '../../../generated/client/types.gen.ts';
import { portal } from '../server/client.ts';
import { hasCode } from '../server/failures.ts';
import { apisWith, useApis } from '../server/session.ts';

/** Maximum number of pages for the key filter, and keys per page. */
const maxPages = 5;
const pageSize = 100;

/** The known fields of a key in the usage data. */
export type KnownKey = Pick<ApiKey, 'keyId'> & Partial<Pick<ApiKey, 'name' | 'start'>>;

/**
 * Reads the usage of a window. The previous window stays visible while another one loads.
 *
 * @param asOf when the window was chosen; a new value reads again, even for the same window
 */
export const useVerifications = (request: GetVerificationsRequest, asOf: number) =>
  useQuery({
    queryKey: ['verifications', request, asOf],
    queryFn: () => getVerifications(request),
    placeholderData: keepPreviousData,
    // Numbers change only when the user refreshes them.
    staleTime: Number.POSITIVE_INFINITY,
  });

/**
 * Reads usage in the user's time zone; in UTC if the server does not know it, for example because the browser has a newer
 * list of time zones. The response has the time zone that was used.
 */
async function getVerifications(request: GetVerificationsRequest): Promise<Verifications> {
  try {
    return await portal.getVerifications(request);
  } catch (error) {
    if (!isWrongAt(error, 'body.timeZone')) throw error;
    return portal.getVerifications({ ...request, timeZone: 'UTC' });
  }
}

/** Whether the server refused this part of the request. */
const isWrongAt = (error: unknown, place: string): boolean =>
  hasCode(error, 'invalid_input') && error.errors.some(({ location }) => location === place);

/** Reads usage as CSV from the server. */
export const csvOf = (request: GetVerificationsRequest): Promise<string> => portal.getVerificationsCsv(request);

/** Whether the window starts before the retention period. */
export const isTooEarly = (error: unknown): boolean => isWrongAt(error, 'body.startTime');

/** How many keys the user has, and how many of them work. */
export interface OwnKeys {
  all: number;
  active: number;
}

async function listKeys(): Promise<{ keys: ApiKey[]; own: OwnKeys | undefined }> {
  const keys: ApiKey[] = [];
  let own: OwnKeys | undefined;
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page++) {
    const body = { limit: pageSize, ...(cursor !== undefined && { cursor }) };
    const { data, pagination } = await portal.listKeys(body);
    keys.push(...data);
    const { all, active, expiring } = pagination.counts;
    own ??= { all, active: active + expiring };
    cursor = pagination.cursor;
    if (!pagination.hasMore) break;
  }
  return { keys, own };
}

/**
 * Returns how many keys the user has, if they may list them, and the keys for the filter: those that the user may list, and those that appeared in usage data. A user may read
 * usage without permission to list keys.
 *
 * @param topKeys the top keys of the current usage
 */
export function useKnownKeys(topKeys: readonly TopKey[] | undefined): {
  known: KnownKey[];
  own: OwnKeys | 'loading' | undefined;
} {
  const { data: apis = [] } = useApis();
  const canList = apisWith(apis, 'read_key').length > 0;
  const { data: listed } = useQuery({
    queryKey: ['analytics', 'keys'],
    queryFn: listKeys,
    enabled: canList,
  });
  // Usage of one key contains only that key, so the others are remembered.
  const [seen, remember] = useState<ReadonlyMap<string, KnownKey>>(new Map());
  useEffect(() => {
    remember((before) => new Map([...before, ...(topKeys ?? []).map((key) => [key.keyId, key] as const)]));
  }, [topKeys]);
  const keys = listed?.keys ?? [];
  const known = [...new Map([...seen, ...keys.map((key) => [key.keyId, key] as const)]).values()];
  return { known, own: listed?.own ?? (canList ? 'loading' : undefined) };
}
