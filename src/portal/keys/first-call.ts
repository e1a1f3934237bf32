/** The first call of a new user: when the page waits for it, and how often it looks. */
import type { ListedKey } from '../../../generated/client/types.gen.ts';
import type { KeyQuery } from './key-query.ts';

/** For how long after the creation of a key its first call is awaited, in ms. */
const patienceMs = 24 * 3_600_000;
/** With more keys than this a user is not new. */
const fewKeys = 3;

/** How long to wait before the next look, in ms, and the longest wait. */
const firstPollMs = 3000;
const longestPollMs = 60_000;

/** Whether the whole list shows a user with a new key, and no key that was ever used. */
export function waitsForFirstCall(
  { search, apiId, state, page }: Pick<KeyQuery, 'search' | 'apiId' | 'state' | 'page'>,
  keys: { items: readonly Pick<ListedKey, 'createdAt' | 'lastUsedAt'>[]; next: string | undefined } | undefined,
  now: number,
): boolean {
  if (keys === undefined || keys.next !== undefined || search !== '' || apiId !== '' || state !== 'all' || page !== 1)
    return false;
  const { items } = keys;
  return (
    items.length > 0 &&
    items.length <= fewKeys &&
    items.every(({ lastUsedAt }) => lastUsedAt === undefined) &&
    items.some(({ createdAt }) => createdAt > now - patienceMs)
  );
}

/** How long to wait before the list is read again, in ms. Each wait is longer than the one before. */
export const pollAfterMs = (reads: number): number => Math.min(firstPollMs * 1.1 ** reads, longestPollMs);
