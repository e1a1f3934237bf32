import type { Pagination } from '../../../generated/client/types.gen.ts';
import { invalidInput } from '../problem.ts';
import type { Page, PageRequest } from '../store/page.ts';
import { sha256 } from './credentials.ts';

/** The list that a cursor belongs to. */
interface List {
  workspaceId: string;
  kind: 'portals' | 'apis' | 'sessions' | 'audit' | 'keys' | 'user-sessions' | 'user-audit' | 'identities';
  /** The owner and the filter of the list, as one text. */
  of?: string;
}

/** Distinguishes the cursors of this list from others. Not a secret: a forged cursor only reads the caller's own list. */
const seal = ({ workspaceId, kind, of = '' }: List, place: string) =>
  sha256(JSON.stringify([workspaceId, kind, of, place])).slice(0, 16);

/** The paging of a list call. */
export interface ListQuery {
  limit?: number | undefined;
  cursor?: string | undefined;
}

/**
 * The page that a call asks for.
 *
 * @throws Problem invalid_input if the cursor is not of this list
 */
export function pageRequest(list: List, { limit = 20, cursor }: ListQuery): PageRequest {
  if (cursor === undefined) return { limit };
  const [text = '', sealed] = cursor.split('.');
  const after = Buffer.from(text, 'base64url').toString();
  if (cursor !== cursorOf(list, after) || sealed === undefined) {
    const fix = 'Send the cursor of the answer before, or none to begin anew.';
    throw invalidInput({ location: 'body.cursor', message: 'is no cursor of this list', fix });
  }
  return { limit, after };
}

const cursorOf = (list: List, place: string) => `${Buffer.from(place).toString('base64url')}.${seal(list, place)}`;

/** The pagination after this page. */
export const paginationOf = (list: List, { next }: Page<unknown>): Pagination =>
  next === undefined ? { hasMore: false } : { cursor: cursorOf(list, next), hasMore: true };
