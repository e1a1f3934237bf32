/** The list of a user's keys: which keys it has, in which order, how many there are, and how often they were used lately. */
import type {
  KeyCounts,
  KeyPagination,
  KeyUsage,
  ListedKey,
  ListKeysRequest,
} from '../../../../generated/client/types.gen.ts';
import type { ApiKeyRecord } from '../../store/api-key-record.ts';
import type { Store } from '../../store/index.ts';
import type { KeyUses } from '../../store/key-list.ts';
import { placeOf } from '../../store/page.ts';
import { pageRequest, paginationOf } from '../pagination.ts';
import { boundsOf, endOfKey } from '../policies/bounds.ts';
import type { AuthenticatedSession } from '../sessions/sessions.ts';
import { searchForm } from '../text.ts';
import { holds, ownerOf, readableApis } from './key-access.ts';
import { shown } from './keys.ts';

const hourMs = 3_600_000;
const hoursShown = 24;
/** A key that ends within this time is expiring, in ms. */
const expiringMs = 7 * 24 * hourMs;
/** How many characters behind the prefix of an API `start` of a key has. */
const ownCharacters = 4;
/** How many characters of a name decide on its place: a cursor has a bounded length. */
const sortedCharacters = 40;

type State = NonNullable<ListKeysRequest['state']>;
type Sort = NonNullable<ListKeysRequest['sort']>;

/** The last 24 hours at a time in Unix ms, in whole quarter hours: in these, usage is stored for longer than a minute. */
function lastHours(now: number): { start: number; end: number } {
  const end = Math.ceil(now / (hourMs / 4)) * (hourMs / 4);
  return { start: end - hoursShown * hourMs, end };
}

/** Whether a search finds a key. `text` is its search form. */
function isFound({ name, start, keyId }: ApiKeyRecord, search: string, text: string): boolean {
  if (name !== undefined && searchForm(name).includes(text)) return true;
  // A search for the prefix that all keys of an API have would find all of them.
  return (
    keyId === search ||
    (search.length > start.length - ownCharacters && (start.startsWith(search) || search.startsWith(start)))
  );
}

/** The state of a key that ends at this time, if it ends. */
function stateOf({ enabled }: ApiKeyRecord, end: number | undefined, now: number): State {
  if (!enabled || (end !== undefined && end <= now)) return 'inactive';
  return end !== undefined && end <= now + expiringMs ? 'expiring' : 'active';
}

const digits = (time: number): string => String(time).padStart(13, '0');
/** Sorts later times first. */
const latestFirst = (time: number): string => digits(9_999_999_999_999 - time);

/** Where a key is in an order, as a text: each order is that of the texts, except that the newest key has the greatest one. */
function positionOf(
  sort: Sort,
  { keyId, createdAt, name, lastUsedAt = 0 }: ApiKeyRecord,
  end: number | undefined,
  now: number,
) {
  const own = {
    name: () => (name === undefined ? '\uffff' : [...searchForm(name)].slice(0, sortedCharacters).join('')),
    lastUsed: () => latestFirst(lastUsedAt),
    expires() {
      if (end === undefined) return '2';
      return end > now ? `1${digits(end)}` : `3${latestFirst(end)}`;
    },
  };
  return sort === 'newest' ? placeOf(createdAt, keyId) : `${own[sort]()}\u0000${latestFirst(createdAt)}${keyId}`;
}

function usageOf(uses: KeyUses, keyId: string, startTime: number): KeyUsage {
  const hours = Array.from({ length: hoursShown }, () => 0);
  let total = 0;
  for (const [time, count] of uses.get(keyId) ?? []) {
    const hour = Math.floor((time - startTime) / hourMs);
    hours[hour] = (hours[hour] ?? 0) + count;
    total += count;
  }
  return { startTime, total, hours };
}

/**
 * One page of the session's own keys. Of a user with more keys than one step reads, it counts and sorts the newest ones.
 *
 * @throws Problem api_not_found, insufficient_permissions, invalid_input for a cursor of another list
 */
export async function listKeys(
  store: Store,
  session: AuthenticatedSession,
  query: ListKeysRequest,
): Promise<{ keys: ListedKey[]; pagination: KeyPagination }> {
  const { apiId, enabled, state, search, sort = 'newest', limit = 20, cursor } = query;
  const owner = ownerOf(session);
  const now = Date.now();
  const span = lastHours(now);
  // Whose use is read in the same step: most requests are for the first page of all keys.
  const isPlain = [apiId, enabled, state, search, cursor].every((one) => one === undefined) && sort === 'newest';
  const usedMany = isPlain ? limit : 0;
  const [apis, userPolicy, newest] = await Promise.all([
    readableApis(store, session, 'read_key', apiId),
    store.userPolicies.find(owner),
    store.keyList.newest(owner, span, usedMany),
  ]);
  const bounds = new Map(apis.map((api) => [api.apiId, boundsOf(api, userPolicy)]));
  const endOf = (key: ApiKeyRecord) => endOfKey(key, bounds.get(key.apiId) ?? {});
  const text = search === undefined ? '' : searchForm(search);
  const matches = (key: ApiKeyRecord) =>
    bounds.has(key.apiId) &&
    (enabled === undefined || key.enabled === enabled) &&
    (search === undefined || isFound(key, search.trim(), text));
  const isWanted = (key: ApiKeyRecord) => state === undefined || stateOf(key, endOf(key), now) === state;

  const of = JSON.stringify([session.portal.portalId, owner.externalId, apiId, enabled, search, state, sort]);
  const list = { workspaceId: owner.workspaceId, kind: 'keys', of } as const;
  const request = pageRequest(list, { limit, cursor });
  const matching = newest.records.filter(matches);
  const counts: KeyCounts = { all: matching.length, active: 0, expiring: 0, inactive: 0 };
  for (const key of matching) counts[stateOf(key, endOf(key), now)] += 1;

  /** A page of the keys that were read. */
  function pageOfNewest() {
    const isBefore = (a: string, b: string) => (sort === 'newest' ? a > b : a < b);
    const rest = matching
      .filter(isWanted)
      .map((key) => ({ key, position: positionOf(sort, key, endOf(key), now) }))
      .filter(({ position }) => request.after === undefined || isBefore(request.after, position))
      .sort((a, b) => (isBefore(a.position, b.position) ? -1 : 1));
    const page = rest.slice(0, limit);
    const last = page.at(-1);
    const items = page.map(({ key }) => key);
    return rest.length > limit && last !== undefined ? { items, next: last.position } : { items };
  }
  const page =
    newest.isAll || sort !== 'newest'
      ? pageOfNewest()
      : await store.apiKeys.list(owner, request, (key) => matches(key) && isWanted(key));

  const read = new Set(newest.records.slice(0, usedMany).map(({ keyId }) => keyId));
  const counted = page.items.filter((key) => holds(session, key.apiId, 'read_analytics'));
  const unread = counted.filter(({ keyId }) => !read.has(keyId));
  const uses: KeyUses = new Map([
    ...newest.uses,
    ...(unread.length === 0 ? [] : await store.keyList.uses(owner, span, unread)),
  ]);
  const keys = page.items.map((key): ListedKey => {
    const isCounted = counted.includes(key);
    return { ...shown(key), ...(isCounted && { usage: usageOf(uses, key.keyId, span.start) }) };
  });
  return { keys, pagination: { ...paginationOf(list, page), counts } };
}
