import type { Pagination } from '../../../generated/client/types.gen.ts';
import { invalidInput } from '../problem.ts';
import type { Page, PageRequest } from '../store/page.ts';
import { sha256 } from './credentials.ts';

/** A list that cursors belong to: of one workspace, of one kind, and of whatever else makes it this list. */
interface List {
  workspaceId: string;
  kind: 'portals' | 'apis' | 'sessions' | 'audit' | 'keys';
  /** Whose list it is, and how it is filtered, as one text. */
  of?: string;
}

/** Tells this list's cursors from another's and from garbage. Not a secret: a forged one reaches one's own list alone. */
const seal = ({ workspaceId, kind, of = '' }: List, place: string) =>
  sha256(JSON.stringify([workspaceId, kind, of, place])).slice(0, 16);

/** What was asked of a list. */
export interface ListQuery {
  limit?: number | undefined;
  cursor?: string | undefined;
}

/**
 * The part of the list that is asked for.
 *
 * @throws Problem invalid_input where the cursor is not of this list
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

/** How the list goes on after this page. */
export const paginationOf = (list: List, { next }: Page<unknown>): Pagination =>
  next === undefined ? { hasMore: false } : { cursor: cursorOf(list, next), hasMore: true };
