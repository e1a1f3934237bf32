import { CreateSessionRequestSchema, PersonNameSchema } from '../../../../generated/client/schemas.gen.ts';
import { invalidInput, Problem } from '../../problem.ts';
import type { RequestSource } from '../../store/audit.ts';
import type { Store } from '../../store/index.ts';
import { partitionOf } from '../../store/partitions.ts';
import type { Portal } from '../../store/portals.ts';
import type { Person } from '../../store/proof.ts';
import { type RootKeyToVerify, recordToVerify } from '../../store/proof.ts';
import type { SessionGrant } from '../../store/session-reader.ts';
import type { AuthenticatedSession, LinkedSession, SignedIn } from '../../store/sessions.ts';
import { derivedToken, newSessionId, newToken, sessionRef } from '../credentials.ts';
import { sessionCreated, sessionExchanged } from '../events.ts';
import { canonicalLocale, localeFailures } from '../locale.ts';
import { networkOf } from '../networks.ts';
import { visibleTabs } from '../permissions.ts';
import { identifierFailures, nameFailures, storedName, textFailures } from '../text.ts';
import { changeOf } from '../workspaces/audit.ts';
import { requirePermission } from '../workspaces/root-keys.ts';

export type { AuthenticatedSession };

const urlFix = 'Use a percent-encoded https:// URL, or http:// on localhost.';
const { returnUrl: returnUrlRule } = CreateSessionRequestSchema.properties;

/** What the caller wants a session to grant. */
export type SessionRequest = Omit<SessionGrant, 'createdAt'>;

/** The person as they are stored. */
const storedPerson = ({ id, name }: Person): Person => ({ id, ...(name !== undefined && { name: storedName(name) }) });

/** The link must not lead to a tab that the session does not show. */
function tabFailures({ tab, permissions }: SessionRequest) {
  const tabs = visibleTabs(permissions);
  if (tab === undefined || tabs.includes(tab)) return [];
  const fix =
    tabs.length === 0
      ? 'Grant a permission that shows it.'
      : `Use ${tabs.join(', ')}, or grant a permission that shows it.`;
  return [{ location: 'body.tab', message: 'is not visible with these permissions', fix }];
}

/**
 * Creates a session for a user of the root key's workspace, and verifies the root key in the same step. Returns the
 * session id, which is never shown again, and the host name of the portal if it has one.
 *
 * @throws Problem key_not_found, workspace_not_found, workspace_disabled, insufficient_permissions, portal_config_not_found, forbidden, invalid_input, limit_exceeded, identity_deletion_in_progress; nothing is written then
 */
export async function createSession(
  store: Store,
  rootKey: RootKeyToVerify,
  request: SessionRequest,
  from: RequestSource,
): Promise<{ sessionId: string; expiresAt: number; hostname?: string }> {
  const { workspaceId, permissions } = recordToVerify(rootKey);
  requirePermission(permissions, ...request.permissions);
  const failures = [
    ...identifierFailures('externalId', request.externalId),
    ...identifierFailures('actor.id', request.actor?.id ?? ''),
    ...nameFailures('actor.name', request.actor?.name, PersonNameSchema),
    ...textFailures('returnUrl', request.returnUrl, returnUrlRule, urlFix),
    ...localeFailures('locale', request.locale),
    ...tabFailures(request),
  ];
  if (failures.length > 0) throw invalidInput(...failures);
  const place = partitionOf({ workspaceId, externalId: request.externalId });
  const { plaintext, ...ref } = newSessionId(place);
  const resource = { type: 'session', id: ref.handle } as const;
  const { actor, locale } = request;
  const stored = locale === undefined ? undefined : canonicalLocale(locale);
  const granted = {
    ...request,
    ...(actor !== undefined && { actor: storedPerson(actor) }),
    ...(stored !== undefined && { locale: stored }),
  };
  const change = changeOf({ ...from, proof: rootKey }, 'session.create', resource, undefined, granted);
  const created = await store.sessions.create(ref, { ...granted, createdAt: Date.now() }, change);
  sessionCreated.publish(undefined);
  return { sessionId: plaintext, ...created };
}

/**
 * Turns a session id into a browser session, exactly once. Returns the token, which is never shown again, except to a caller
 * that repeats the exchange with the same `repeatKey` within five minutes, because the first response was lost.
 *
 * @param repeatKey a secret of the caller that the token is derived from; without it the exchange cannot be repeated
 * @param pageOrigin the origin of the page that sends the request, if it is a page of another origin than the portal
 * @param cookieTokens the session cookies of a browser whose user has not agreed to continue as another user
 * @param requirePortal throws if the portal cannot be used where the request was sent
 * @throws Problem portal_session_not_found; forbidden, workspace_disabled, foreign_origin, other_user_signed_in, which do not
 *   spend the id; rate_limited by the address of `from`, or by the session of a cookie
 */
export async function exchangeSession(
  store: Store,
  sessionId: string,
  from: RequestSource,
  repeatKey?: string,
  pageOrigin?: string,
  cookieTokens: readonly string[] = [],
  requirePortal?: (portal: Portal) => void,
): Promise<{ token: string; expiresAt: number }> {
  const session = sessionRef('pst', sessionId);
  if (session === undefined) {
    await store.countExchange(networkOf(from.ip));
    throw new Problem('unkey/authentication/portal_session_not_found');
  }
  const { plaintext, ...browserSession } =
    repeatKey === undefined ? newToken(session) : derivedToken(session, sessionId, repeatKey);
  const { handle } = session;
  // The script adds the user's id.
  const proof = { actor: { type: 'user', id: handle } } as const;
  const { entry } = changeOf({ ...from, proof }, 'session.exchange', { type: 'session', id: handle });
  const signedIn = await signedInUser(store, cookieTokens);
  const [counted, exchanged] = await Promise.allSettled([
    store.countExchange(networkOf(from.ip)),
    store.sessions.exchange(session, browserSession, entry, { pageOrigin, signedIn, requirePortal }),
  ]);
  // Both went to Redis together. A valid id is spent by now, and its browser session must not be lost. A caller that only
  // tries ids out learns nothing more.
  if (exchanged.status === 'rejected') throw counted.status === 'rejected' ? counted.reason : exchanged.reason;
  sessionExchanged.publish(undefined);
  return { token: plaintext, expiresAt: exchanged.value.expiresAt };
}

/**
 * The session of a link and its portal, before and after the session id is exchanged; undefined for an unknown id. Writes nothing: a
 * preview of the link must not spend the id.
 */
export async function sessionOfLink(store: Store, sessionId: string): Promise<LinkedSession | undefined> {
  const ref = sessionRef('pst', sessionId);
  return ref && store.sessions.findLinked(ref);
}

/** How many tokens of one request are looked up. A browser with more session cookies than this has been tampered with. */
const maxTokens = 4;

/**
 * A request has the cookies of several active sessions. Another host, such as a sibling subdomain, can have planted one of them,
 * and nothing tells which: the user must not work in an account of somebody else without noticing.
 */
export class SeveralSessions extends Problem {
  constructor() {
    super('unkey/authentication/portal_session_not_found');
  }
}

/** Whether it is not known if the session exists. */
const isFailure = (reason: unknown) => !(reason instanceof Problem) || reason.status >= 500;

const isUnknown = (reason: unknown) =>
  reason instanceof Problem && reason.code === 'unkey/authentication/portal_session_not_found';

/**
 * The browser session of the only one of these tokens that has an active one. A request has several tokens if its browser has
 * several cookies of one name. All are looked up at once, in one round trip if they are of one workspace. A session that is
 * refused for another reason, such as a disabled portal, counts too: who planted the other cookie can have caused it.
 *
 * @param pageOrigin the origin of the page that sends the request, if it is a page of another origin than the portal
 * @throws SeveralSessions if more than one has an active session, or if there are too many
 * @throws Problem portal_session_not_found, foreign_origin, forbidden, workspace_disabled, rate_limited
 */
export async function authenticatePortalSession(
  store: Store,
  tokens: readonly string[],
  pageOrigin?: string,
): Promise<AuthenticatedSession> {
  const refs = tokens.map((token) => sessionRef('ps', token)).filter((ref) => ref !== undefined);
  if (refs.length > maxTokens) throw new SeveralSessions();
  const [only, second] = refs;
  if (only !== undefined && second === undefined) return store.sessions.verify(only, pageOrigin);
  const found = await Promise.allSettled(refs.map((ref) => store.sessions.verify(ref, pageOrigin)));
  const failure = found.find((outcome) => outcome.status === 'rejected' && isFailure(outcome.reason));
  if (failure?.status === 'rejected') throw failure.reason;
  const [session, another] = found.filter((outcome) => outcome.status === 'fulfilled' || !isUnknown(outcome.reason));
  if (another !== undefined) throw new SeveralSessions();
  if (session === undefined) throw new Problem('unkey/authentication/portal_session_not_found');
  if (session.status === 'rejected') throw session.reason;
  return session.value;
}

/**
 * The user whose active session the cookies of a browser are.
 *
 * @throws Problem rate_limited, service_unavailable
 */
async function signedInUser(store: Store, tokens: readonly string[]): Promise<SignedIn> {
  if (tokens.length === 0) return 'nobody';
  try {
    const { portal, grant } = await authenticatePortalSession(store, tokens);
    return { portalId: portal.portalId, externalId: grant.externalId };
  } catch (error) {
    if (error instanceof SeveralSessions) return 'several';
    // A session of a disabled portal is of no use to its user.
    if (error instanceof Problem && (error.status === 401 || error.status === 403)) return 'nobody';
    throw error;
  }
}

/**
 * Ends a browser session on the server.
 *
 * @throws Problem portal_session_not_found if it has ended in the meantime; of a session that is no longer valid
 */
export async function endSession(store: Store, session: AuthenticatedSession, from: RequestSource): Promise<void> {
  const { handle, ref } = session;
  const change = changeOf({ ...from, proof: session }, 'session.end', { type: 'session', id: handle });
  if (!(await store.sessions.end(ref.workspaceId, session, change)))
    throw new Problem('unkey/authentication/portal_session_not_found');
}
