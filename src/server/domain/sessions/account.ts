/** What users see and do in the Account tab: their own sessions, and their part of the audit log, in one portal. */
import type { AuditEntry, UserAuditEntry, UserSession } from '../../../../generated/client/types.gen.ts';
import { Problem } from '../../problem.ts';
import type { Author, RequestSource } from '../../store/audit.ts';
import type { Store } from '../../store/index.ts';
import type { FoundSession } from '../../store/session-reader.ts';
import { type ListQuery, pageRequest, paginationOf } from '../pagination.ts';
import { visibleTabs } from '../permissions.ts';
import { changeOf } from '../workspaces/audit.ts';
import type { AuthenticatedSession } from './sessions.ts';

/** How many sessions are read and ended together. */
const endedAtOnce = 100;

/** @throws Problem insufficient_permissions if the session does not show the Account tab */
function requireAccount({ grant }: AuthenticatedSession): void {
  if (visibleTabs(grant.permissions).includes('account')) return;
  const permission = 'portal.*.read_account';
  throw new Problem('unkey/authorization/insufficient_permissions', { parameters: { permission } });
}

const ownerOf = ({ grant, ref }: AuthenticatedSession) => ({
  workspaceId: ref.workspaceId,
  externalId: grant.externalId,
});

/** The user of the session in its portal, as the text that cursors depend on. */
const listOf = (session: AuthenticatedSession, kind: 'user-sessions' | 'user-audit', filter: object = {}) => ({
  workspaceId: session.ref.workspaceId,
  kind,
  of: JSON.stringify([session.portalId, session.grant.externalId, filter]),
});

/**
 * One page of the sessions of the user in the portal, newest first.
 *
 * @throws Problem insufficient_permissions, invalid_input
 */
export async function listUserSessions(store: Store, session: AuthenticatedSession, query: ListQuery) {
  requireAccount(session);
  const { workspaceId, externalId } = ownerOf(session);
  const list = listOf(session, 'user-sessions');
  const page = await store.sessions.list(workspaceId, { externalId }, pageRequest(list, query));
  const sessions = page.items
    .filter(({ portalId }) => portalId === session.portalId)
    .map(({ handle, state, grant, expiresAt }): UserSession => {
      const { actor, permissions, preview, createdAt } = grant;
      const current = handle === session.handle;
      return { handle, state, current, ...(actor && { actor }), permissions, preview, createdAt, expiresAt };
    });
  return { sessions, pagination: paginationOf(list, page) };
}

/**
 * Ends the sessions of the user in the portal, pending and active, except the calling one. Returns how many.
 *
 * @param all ends the calling session too, as the last one
 * @throws Problem insufficient_permissions; of a session that is no longer valid
 */
export async function endOtherSessions(
  store: Store,
  session: AuthenticatedSession,
  { all = false }: { all?: boolean | undefined },
  from: RequestSource,
): Promise<number> {
  requireAccount(session);
  const { workspaceId, externalId } = ownerOf(session);
  const by: Author<AuthenticatedSession> = { ...from, proof: session };
  const end = (one: Pick<FoundSession, 'handle' | 'grant' | 'portalId' | 'epoch'>) =>
    store.sessions.end(workspaceId, one, changeOf(by, 'session.end', { type: 'session', id: one.handle }));
  let ended = 0;
  for (let after: string | undefined; ; ) {
    const request = { limit: endedAtOnce, ...(after !== undefined && { after }) };
    const page = await store.sessions.list(workspaceId, { externalId }, request);
    const others = page.items.filter((one) => one.portalId === session.portalId && one.handle !== session.handle);
    ended += (await Promise.all(others.map(end))).filter(Boolean).length;
    if (page.next === undefined) break;
    after = page.next;
  }
  // They may have ended by a call that was not acknowledged.
  if (ended === 0) await store.confirm();
  return all && (await end(session)) ? ended + 1 : ended;
}

/** Whether an entry is about the user of the session, and about nothing that another portal alone shows. */
function isOwn({ actor, subject }: AuditEntry, { grant, portal }: AuthenticatedSession): boolean {
  if (actor.type === 'user') return actor.externalId === grant.externalId && actor.portalId === portal.portalId;
  return (
    subject?.externalId === grant.externalId &&
    (subject.portalId ?? portal.portalId) === portal.portalId &&
    (subject.apiId === undefined || portal.apiIds.includes(subject.apiId))
  );
}

/** The entry as its user sees it. The credential and the address of the company are not theirs to see. */
function shownToUser({
  auditId,
  time,
  action,
  actor,
  ip,
  userAgent,
  resource,
  before,
  after,
}: AuditEntry): UserAuditEntry {
  const isUser = actor.type === 'user';
  // The data of the company about the user.
  const shown = ({ meta, ...rest }: Record<string, unknown>) =>
    action.startsWith('identity.') || meta === undefined ? rest : { meta, ...rest };
  return {
    ...{ auditId, time, action, resource },
    actor: {
      type: actor.type,
      ...(isUser && actor.id !== undefined && { handle: actor.id }),
      ...(actor.person !== undefined && { person: actor.person }),
    },
    ...(isUser && ip !== undefined && { ip }),
    ...(isUser && userAgent !== undefined && { userAgent }),
    ...(before !== undefined && { before: shown(before) }),
    ...(after !== undefined && { after: shown(after) }),
  };
}

/**
 * One page of the audit entries about the user in the portal, newest first.
 *
 * @throws Problem insufficient_permissions, invalid_input
 */
export async function listUserAuditEntries(
  store: Store,
  session: AuthenticatedSession,
  { startTime, endTime, ...query }: ListQuery & { startTime?: number | undefined; endTime?: number | undefined },
) {
  requireAccount(session);
  const list = listOf(session, 'user-audit', { startTime, endTime });
  const page = await store.audit.listOf(
    ownerOf(session),
    (entry) => isOwn(entry, session),
    { startTime, endTime },
    pageRequest(list, query),
  );
  return { entries: page.items.map(shownToUser), pagination: paginationOf(list, page) };
}
