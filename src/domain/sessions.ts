import { Problem } from '../problem.ts';
import type { Store } from '../store/index.ts';
import type { RootKey } from '../store/root-keys.ts';
import { browserSessionTtlSeconds, type LiveSession, type SessionGrant } from '../store/sessions.ts';
import { type CredentialRef, credentialRef, newCredential } from './credentials.ts';
import { requirePermission } from './root-keys.ts';

export { browserSessionTtlSeconds };

/** A live browser session as a request proves it: with where its record is, so that it can be ended. */
export interface AuthenticatedSession extends LiveSession {
  ref: CredentialRef;
}

/**
 * Mints a session for a user of the root key's workspace. The session id is returned this once.
 *
 * @throws Problem insufficient_permissions, portal_config_not_found, forbidden; nothing is written then
 */
export async function createSession(
  store: Store,
  rootKey: RootKey,
  { slug, ...grant }: SessionGrant & { slug: string },
): Promise<{ sessionId: string; expiresAt: number }> {
  requirePermission(rootKey, ...grant.permissions);
  const { plaintext, ...ref } = newCredential('pst', rootKey.workspaceId);
  const expiresAt = await store.sessions.create(slug, grant, ref);
  if (expiresAt === 'portal_not_found') throw new Problem('unkey/data/portal_config_not_found');
  if (expiresAt === 'portal_disabled') throw new Problem('unkey/authorization/forbidden');
  return { sessionId: plaintext, expiresAt };
}

/**
 * Turns a session id into a browser session, exactly once. The token is returned this once.
 *
 * @throws Problem portal_session_not_found, forbidden, workspace_disabled; the id stays good in the last two cases
 */
export async function exchangeSession(store: Store, sessionId: string): Promise<{ token: string; expiresAt: number }> {
  const session = credentialRef('pst', sessionId);
  if (session === undefined) throw new Problem('unkey/authentication/portal_session_not_found');
  const { plaintext, ...browserSession } = newCredential('ps', session.workspaceId);
  const expiresAt = await store.sessions.exchange(session, browserSession);
  if (expiresAt === 'session_not_found') throw new Problem('unkey/authentication/portal_session_not_found');
  if (expiresAt === 'workspace_disabled') throw new Problem('unkey/authorization/workspace_disabled');
  if (expiresAt === 'portal_disabled') throw new Problem('unkey/authorization/forbidden');
  return { token: plaintext, expiresAt };
}

/**
 * Whose browser session this is.
 *
 * @throws Problem portal_session_not_found, forbidden, workspace_disabled
 */
export async function authenticatePortalSession(store: Store, token: string): Promise<AuthenticatedSession> {
  const ref = credentialRef('ps', token);
  const session = ref && (await store.sessions.find(ref));
  if (ref === undefined || session === undefined) throw new Problem('unkey/authentication/portal_session_not_found');
  if (!session.workspace.enabled) throw new Problem('unkey/authorization/workspace_disabled');
  if (!session.portal.enabled) throw new Problem('unkey/authorization/forbidden');
  return { ...session, ref };
}

/**
 * Ends a browser session on the server.
 *
 * @throws Problem portal_session_not_found where it has ended in the meantime
 */
export async function endSession(store: Store, { ref }: AuthenticatedSession): Promise<void> {
  if (!(await store.sessions.end(ref))) throw new Problem('unkey/authentication/portal_session_not_found');
}
