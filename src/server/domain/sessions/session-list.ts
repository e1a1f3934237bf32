import type { ListedSession } from '../../../../generated/client/types.gen.ts';
import { invalidInput } from '../../problem.ts';
import type { Store } from '../../store/index.ts';
import type { Page, PageRequest } from '../../store/page.ts';
import type { Manager } from '../../store/proof.ts';
import type { FoundSession, SessionIndex } from '../../store/session-reader.ts';
import { type Author, changeOf } from '../workspaces/audit.ts';

/** Which sessions: at least one of the three. */
export interface SessionFilter {
  externalId?: string | undefined;
  slug?: string | undefined;
  handle?: string | undefined;
}

/** The session as the contract shows it to an operator, without its own return URL. */
function listed({ handle, state, expiresAt, grant }: FoundSession): ListedSession {
  const { returnUrl: _, ...shown } = grant;
  return { handle, state, ...shown, expiresAt };
}

const fits = ({ grant }: FoundSession, { externalId, slug }: SessionFilter) =>
  (externalId === undefined || grant.externalId === externalId) && (slug === undefined || grant.slug === slug);

/** A user has few sessions, a portal many: with both, the index of the user is read. */
function indexOf({ externalId, slug }: SessionFilter): SessionIndex {
  if (externalId !== undefined) return { externalId };
  if (slug !== undefined) return { slug };
  const fix = 'Add body.externalId, body.slug or body.handle.';
  throw invalidInput({ location: 'body', message: 'must have externalId, slug or handle', fix });
}

/**
 * One page of the active and pending sessions, newest first. It is short, or even empty, if some sessions have ended.
 *
 * @throws Problem invalid_input
 */
export async function listSessions(
  store: Store,
  workspaceId: string,
  filter: SessionFilter,
  page: PageRequest,
): Promise<Page<ListedSession>> {
  if (filter.handle !== undefined) {
    const session = await store.sessions.findByHandle(workspaceId, filter.handle);
    return { items: session !== undefined && fits(session, filter) ? [listed(session)] : [] };
  }
  const { items, ...rest } = await store.sessions.list(workspaceId, indexOf(filter), page);
  return { items: items.filter((session) => fits(session, filter)).map(listed), ...rest };
}

/** Ends one session. Returns whether it was pending or active. */
function revoke(store: Store, workspaceId: string, session: FoundSession, by: Author<Manager>): Promise<boolean> {
  const { handle, grant, portalId } = session;
  const { slug, externalId } = grant;
  const resource = { type: 'session', id: handle } as const;
  const subject = { externalId, portalId };
  const change = changeOf(by, 'session.revoke', resource, { slug, externalId }, undefined, subject);
  return store.sessions.end(workspaceId, session, change);
}

/**
 * Ends sessions, and returns how many. Their next call is refused. All sessions of a portal end in one step, those of a user
 * one by one.
 *
 * @throws Problem invalid_input; of a caller that is no longer valid
 */
export async function revokeSessions(
  store: Store,
  workspaceId: string,
  filter: SessionFilter,
  by: Author<Manager>,
): Promise<number> {
  const count = await endSessions(store, workspaceId, filter, by);
  // They may have ended by a call that was not acknowledged.
  if (count === 0) await store.confirm();
  return count;
}

async function endSessions(
  store: Store,
  workspaceId: string,
  filter: SessionFilter,
  by: Author<Manager>,
): Promise<number> {
  const end = async (sessions: FoundSession[]) => {
    const wanted = sessions.filter((session) => fits(session, filter));
    const ended = await Promise.all(wanted.map((session) => revoke(store, workspaceId, session, by)));
    return ended.filter(Boolean).length;
  };
  if (filter.handle !== undefined) {
    const session = await store.sessions.findByHandle(workspaceId, filter.handle);
    return session === undefined ? 0 : end([session]);
  }
  const index = indexOf(filter);
  if ('slug' in index) {
    const change = changeOf(by, 'session.revoke', { type: 'portal', id: index.slug });
    return store.sessions.endAll(workspaceId, index.slug, change);
  }
  let count = 0;
  for (let after: string | undefined; ; ) {
    const page = await store.sessions.list(workspaceId, index, { limit: 100, ...(after !== undefined && { after }) });
    count += await end(page.items);
    if (page.next === undefined) return count;
    after = page.next;
  }
}
