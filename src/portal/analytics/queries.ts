import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { ApiKey, GetVerificationsRequest, TopKey } from '../../../generated/client/types.gen.ts';
import { answerOf, CallFailed, dataOf } from '../server/answer.ts';
import { portal } from '../server/client.ts';
import { apisWith, useApis } from '../server/session.ts';

/** How many pages of keys are read for the filter, and how many keys there are on one at most. */
const maxPages = 5;
const pageSize = 100;

/** What is known of a key that usage can be of. */
export type KnownKey = Pick<ApiKey, 'keyId'> & Partial<Pick<ApiKey, 'name' | 'start'>>;

/**
 * The usage of a window. While another window is read, the one before stays.
 *
 * @param asOf when the window was chosen; another moment asks again, also where the window is the same
 */
export const useVerifications = (request: GetVerificationsRequest, asOf: number) =>
  useQuery({
    queryKey: ['verifications', request, asOf],
    queryFn: () => dataOf(portal.getVerifications({ body: request })),
    placeholderData: keepPreviousData,
    // Numbers change when somebody asks for it, not while they are looked at.
    staleTime: Number.POSITIVE_INFINITY,
  });

/** The same usage as CSV, as the server writes it. */
export const csvOf = (request: GetVerificationsRequest): Promise<string> =>
  answerOf(
    // The client's types know the JSON alone.
    portal.getVerifications({ body: request, headers: { Accept: 'text/csv' }, parseAs: 'text' }) as unknown as Promise<{
      data?: string;
    }>,
  );

/** The usage of this window is not kept any more. */
export const isTooEarly = (error: unknown): boolean =>
  error instanceof CallFailed &&
  error.code === 'invalid_input' &&
  error.failures.some(({ location }) => location === 'body.startTime');

async function listKeys(): Promise<ApiKey[]> {
  const keys: ApiKey[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page++) {
    const body = { limit: pageSize, ...(cursor !== undefined && { cursor }) };
    const { data, pagination } = await answerOf(portal.listKeys({ body }));
    keys.push(...data);
    cursor = pagination.cursor;
    if (!pagination.hasMore) break;
  }
  return keys;
}

/**
 * The keys to filter by: those that the user may list, and those that usage has told of. Many may see usage without
 * seeing keys.
 *
 * @param topKeys of the usage that is shown
 */
export function useKnownKeys(topKeys: readonly TopKey[] | undefined): KnownKey[] {
  const { data: apis = [] } = useApis();
  const { data: listed = [] } = useQuery({
    queryKey: ['analytics', 'keys'],
    queryFn: listKeys,
    enabled: apisWith(apis, 'read_key').length > 0,
  });
  // Usage of one key tells of that key alone, so the others are remembered.
  const [told, remember] = useState<ReadonlyMap<string, KnownKey>>(new Map());
  useEffect(() => {
    // One without an API is gone, and cannot be asked for.
    const living = (topKeys ?? []).filter(({ apiId }) => apiId !== undefined);
    remember((before) => new Map([...before, ...living.map((key) => [key.keyId, key] as const)]));
  }, [topKeys]);
  return [...new Map([...told, ...listed.map((key) => [key.keyId, key] as const)]).values()];
}
