/** What the list of keys shows, and the address of the page that says so: a reload and a link show the same. */
import type { ListKeysRequest } from '../../../generated/client/types.gen.ts';

export type Sort = NonNullable<ListKeysRequest['sort']>;

/** Which keys a list has, and in which order. */
export interface KeyFilter {
  search: string;
  /** Empty for all. */
  apiId: string;
  state: NonNullable<ListKeysRequest['state']> | 'all';
  sort: Sort;
}

/** A page of the filtered list, counted from 1. */
export type KeyQuery = KeyFilter & { page: number };

/** The states by which the list is filtered, and its orders, each in the order in which they are offered. */
export const states = ['all', 'active', 'expiring', 'inactive'] as const;
export const sorts = ['newest', 'name', 'lastUsed', 'expires'] as const;

/** The list as it is without a filter. */
export const everything: KeyQuery = { search: '', apiId: '', state: 'all', sort: 'newest', page: 1 };

/** No list has more pages than this. */
const lastPage = 1000;
/** A text without a space as long as this may be a key, or a part of one that is worth guessing the rest of. */
const possibleKey = /\S{16,}/u;

const oneOf = <Value extends string>(values: readonly Value[], text: string | null, otherwise: Value): Value =>
  values.find((value) => value === text) ?? otherwise;

/**
 * Whether a text can be in an address, which browsers, servers and people store and pass on. A key is pasted into the search to find out what
 * it is, and must not get there.
 */
export const canBeInAddress = (text: string): boolean => !possibleKey.test(text);

/** The query that an address names. What is not understood, or could be a key, counts as absent. */
export function queryIn(search: string): KeyQuery {
  const parameters = new URLSearchParams(search);
  const text = parameters.get('search')?.trim() ?? '';
  const apiId = parameters.get('api') ?? '';
  const page = Number(parameters.get('page') ?? 1);
  return {
    search: canBeInAddress(text) ? text : '',
    apiId: /^api_\w+$/.test(apiId) ? apiId : '',
    state: oneOf(states, parameters.get('state'), everything.state),
    sort: oneOf(sorts, parameters.get('sort'), everything.sort),
    page: Number.isInteger(page) && page >= 1 && page <= lastPage ? page : 1,
  };
}

/** The search part of the address for a query: empty for everything. */
export function addressOf({ search, apiId, state, sort, page }: KeyQuery): string {
  const parameters = new URLSearchParams({
    ...(search !== '' && canBeInAddress(search) && { search }),
    ...(apiId !== '' && { api: apiId }),
    ...(state !== everything.state && { state }),
    ...(sort !== everything.sort && { sort }),
    ...(page > 1 && { page: String(page) }),
  });
  return parameters.size === 0 ? '' : `?${parameters}`;
}
