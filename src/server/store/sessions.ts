import { Problem } from '../problem.ts';
import type { AuditLog, AuditRecord, Change } from './audit.ts';
import { keys } from './keys.ts';
import { limitReached, type Quota, type StoreLimits } from './limits.ts';
import { placeOf } from './page.ts';
import type { Portal } from './portals.ts';
import { accepted, entryKeys, ofCaller, type RootKeyToVerify, recordToVerify, type SessionProof } from './proof.ts';
import { type RateLimits, withinLimit } from './rate-limits.ts';
import type { Redis } from './redis.ts';
import type { RootKeyCheck } from './root-keys.ts';
import {
  credentialKey,
  type FoundSession,
  grantOf,
  type Session,
  type SessionGrant,
  sessionReader,
} from './session-reader.ts';
import type { Workspace } from './workspaces.ts';

/** How long a session id can be exchanged, in seconds. */
const sessionTtlSeconds = 900;
/** How long a browser session is valid, in seconds. */
export const browserSessionTtlSeconds = 86_400;
/** For how long an exchange can be repeated, in seconds. */
const repeatSeconds = 300;
/** After this time no session can still be active, in seconds. */
const longestLifeSeconds = sessionTtlSeconds + browserSessionTtlSeconds;

/** Where the record of a credential is: its workspace and its SHA-256. */
interface Ref {
  workspaceId: string;
  hash: string;
}

/** An active browser session that Redis has verified during this call, with its portal. */
export interface AuthenticatedSession extends Session, SessionProof {
  /** The record of its handle. */
  record: string;
  portal: Portal;
}

/** Who is signed in with a browser: a user of a portal, several users, or nobody. */
export type SignedIn = { portalId: string; externalId: string } | 'several' | 'nobody';

const signedInUser = (user: SignedIn) =>
  typeof user === 'object' ? `${user.portalId}\n${user.externalId}` : { several: 'several', nobody: '' }[user];

export function sessionStore(
  redis: Redis,
  audit: AuditLog,
  check: RootKeyCheck,
  { session: limit }: RateLimits,
  quota: Quota,
  { sessionsPerUser: maxSessions }: StoreLimits,
) {
  return {
    ...sessionReader(redis),

    /**
     * Writes a session for the portal with this slug in the root key's workspace. Returns when it expires, in Unix ms, or
     * why it was not written.
     *
     * @throws Problem key_not_found, workspace_not_found, workspace_disabled, forbidden, rate_limited, limit_exceeded,
     *   service_unavailable
     */
    async create(
      { hash, handle, grant, userHash }: { hash: string; handle: string; grant: SessionGrant; userHash: string },
      { proof: rootKey, entry }: Change<RootKeyToVerify>,
    ) {
      const { workspaceId } = recordToVerify(rootKey);
      const { slug, createdAt, returnUrl } = grant;
      const origin = returnUrl === undefined ? '' : new URL(returnUrl).origin;
      const reply = check.valid(
        await redis.run((client) =>
          client.createSession({
            keys: {
              ...check.keys(workspaceId, rootKey.hash),
              audit: keys.audit(workspaceId),
              portalSlugs: keys.portalSlugs(workspaceId),
              portals: keys.portals(workspaceId),
              portalEpochs: keys.portalEpochs(workspaceId),
              session: keys.session(workspaceId, hash),
              handle: keys.handle(workspaceId, handle),
              handles: keys.handle(workspaceId, ''),
              quota: keys.quota(workspaceId),
              portalSessions: keys.portalSessions(workspaceId, slug),
              userSessions: keys.userSessions(workspaceId, userHash),
            },
            args: {
              ...check.args(rootKey),
              ...audit.args(entry),
              ...quota.args,
              maxSessions,
              slug,
              handle,
              grant: JSON.stringify(grant),
              ttlSeconds: sessionTtlSeconds,
              hash,
              place: placeOf(createdAt, handle),
              deadBelow: placeOf(createdAt - longestLifeSeconds * 1000, ''),
              indexTtlSeconds: longestLifeSeconds,
              returnOrigin: origin,
            },
          }),
        ),
      );
      if (reply.outcome === 'too_many_sessions') throw limitReached(`${maxSessions} sessions per user`);
      return quota.within(reply);
    },

    /**
     * Turns a session into a browser session of the same workspace, once. Returns when that expires, in Unix ms, or why it
     * was not written. The same two again, within `repeatSeconds`, get the same reply. The session id is the proof.
     *
     * @param signedIn who is signed in with the browser, and must not be replaced by another user
     * @throws Problem portal_session_not_found, foreign_origin, workspace_disabled, forbidden, other_user_signed_in,
     *   service_unavailable
     */
    async exchange(
      session: Ref & { handle: string },
      browserSession: Ref,
      entry: AuditRecord,
      { pageOrigin = '', signedIn = 'nobody' }: { pageOrigin?: string | undefined; signedIn?: SignedIn } = {},
    ): Promise<{ expiresAt: number }> {
      const { workspaceId } = session;
      const reply = accepted(
        await redis.run((client) =>
          client.exchangeSession({
            keys: {
              ...entryKeys(workspaceId),
              audit: keys.audit(workspaceId),
              session: keys.session(workspaceId, session.hash),
              browserSession: keys.browserSession(workspaceId, browserSession.hash),
              handle: keys.handle(workspaceId, session.handle),
              quota: keys.quota(workspaceId),
            },
            args: {
              ...audit.args(entry),
              ttlSeconds: browserSessionTtlSeconds,
              tokenHash: browserSession.hash,
              repeatableAboveSeconds: browserSessionTtlSeconds - repeatSeconds,
              pageOrigin,
              signedInUser: signedInUser(signedIn),
            },
          }),
        ),
      );
      if (reply.outcome === 'other_user') throw new Problem('unkey/authentication/other_user_signed_in');
      return reply;
    },

    /**
     * Verifies a browser session, and counts the call.
     *
     * @param pageOrigin the origin of the page that sends the request, if it is a page of another origin than the portal
     * @throws Problem portal_session_not_found, foreign_origin, workspace_disabled, forbidden, rate_limited,
     *   service_unavailable
     */
    async verify(ref: Ref, pageOrigin = ''): Promise<AuthenticatedSession> {
      const { workspaceId, hash } = ref;
      const found = withinLimit(
        accepted(
          await redis.run((client) =>
            client.findSession({
              keys: {
                ...entryKeys(workspaceId),
                browserSession: keys.browserSession(workspaceId, hash),
                calls: keys.calls(workspaceId, hash),
              },
              args: { callLimit: limit, pageOrigin },
            }),
          ),
        ),
        limit,
      );
      const { session, expiresAt } = found;
      const workspace: Workspace = JSON.parse(found.workspace);
      const portal: Portal = JSON.parse(found.portal);
      if (!workspace.enabled) throw new Problem('unkey/authorization/workspace_disabled');
      if (!portal.enabled) throw new Problem('unkey/authorization/forbidden');
      const [portalId, epoch, handle = ''] = session.split('\n', 3);
      const grant = grantOf(session);
      return {
        actor: { type: 'user', id: handle, externalId: grant.externalId },
        ref,
        pageOrigin,
        handle,
        record: [portalId, epoch, 'active', hash].join('\n'),
        grant,
        expiresAt,
        portal,
      } as AuthenticatedSession;
    },

    /** The portal of the session with this handle, pending or exchanged, or undefined. */
    async findPortal(workspaceId: string, handle: string): Promise<Portal | undefined> {
      const reply = await redis.run((client) =>
        client.findPortalOfHandle({
          keys: { handle: keys.handle(workspaceId, handle), portals: keys.portals(workspaceId) },
        }),
      );
      return reply.outcome === 'ok' ? JSON.parse(reply.portal) : undefined;
    },

    /**
     * Ends one session. 'changed' if it was exchanged in the meantime, 'not_found' if it had already ended.
     *
     * @throws Problem of a caller that is no longer valid
     */
    async end(
      workspaceId: string,
      { handle, grant, record }: Pick<FoundSession, 'handle' | 'grant' | 'record'>,
      userHash: string,
      { proof, entry }: Change,
    ): Promise<'ok' | 'changed' | 'not_found'> {
      const reply = await redis.run((client) =>
        client.endSession({
          keys: {
            ...ofCaller.keys(workspaceId, proof),
            audit: keys.audit(workspaceId),
            credential: credentialKey(workspaceId, record),
            handle: keys.handle(workspaceId, handle),
            portalSessions: keys.portalSessions(workspaceId, grant.slug),
            userSessions: keys.userSessions(workspaceId, userHash),
            quota: keys.quota(workspaceId),
          },
          args: {
            ...ofCaller.args(proof),
            ...audit.args(entry),
            place: placeOf(grant.createdAt, handle),
            recordRead: record,
          },
        }),
      );
      return accepted(reply).outcome;
    },

    /**
     * Ends all sessions of a portal in one step. Returns how many its index had.
     *
     * @throws Problem of a caller that is no longer valid
     */
    async endAll(workspaceId: string, slug: string, { proof, entry }: Change): Promise<number> {
      const reply = await redis.run((client) =>
        client.endPortalSessions({
          keys: {
            ...ofCaller.keys(workspaceId, proof),
            audit: keys.audit(workspaceId),
            portalSlugs: keys.portalSlugs(workspaceId),
            portalSessions: keys.portalSessions(workspaceId, slug),
          },
          args: { ...ofCaller.args(proof), ...audit.args(entry), slug },
        }),
      );
      return accepted(reply).count;
    },
  };
}
