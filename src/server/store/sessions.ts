import type { AuditLog, AuditRecord } from './audit.ts';
import { keys } from './keys.ts';
import { placeOf } from './page.ts';
import type { Portal } from './portals.ts';
import { type RateLimits, withinLimit } from './rate-limits.ts';
import type { Redis } from './redis.ts';
import { type RootKeyCheck, type RootKeyToVerify, recordToVerify } from './root-keys.ts';
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

/** An active browser session with the current portal and workspace. */
export interface LiveSession extends Session {
  /** The record of its handle. */
  record: string;
  portal: Portal;
  workspace: Workspace;
}

export function sessionStore(redis: Redis, audit: AuditLog, check: RootKeyCheck, { session: limit }: RateLimits) {
  return {
    ...sessionReader(redis),

    /**
     * Writes a session for the portal with this slug in the root key's workspace. Returns when it expires, in Unix ms, or
     * why it was not written.
     *
     * @throws Problem key_not_found, workspace_not_found, workspace_disabled, rate_limited, service_unavailable
     */
    async create(
      rootKey: RootKeyToVerify,
      { hash, handle, grant, userHash }: { hash: string; handle: string; grant: SessionGrant; userHash: string },
      record: AuditRecord,
    ) {
      const { workspaceId } = recordToVerify(rootKey);
      const { slug, createdAt, returnUrl } = grant;
      const origin = returnUrl === undefined ? '' : new URL(returnUrl).origin;
      return check.valid(
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
              portalSessions: keys.portalSessions(workspaceId, slug),
              userSessions: keys.userSessions(workspaceId, userHash),
            },
            args: {
              ...check.args(rootKey),
              ...audit.args(record),
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
    },

    /**
     * Turns a session into a browser session of the same workspace, once. Returns when that expires, in Unix ms, or why it
     * was not written. The same two again, within `repeatSeconds`, get the same reply.
     */
    exchange(session: Ref & { handle: string }, browserSession: Ref, record: AuditRecord, pageOrigin = '') {
      const { workspaceId } = session;
      return redis.run((client) =>
        client.exchangeSession({
          keys: {
            audit: keys.audit(workspaceId),
            session: keys.session(workspaceId, session.hash),
            browserSession: keys.browserSession(workspaceId, browserSession.hash),
            portals: keys.portals(workspaceId),
            workspace: keys.workspace(workspaceId),
            portalEpochs: keys.portalEpochs(workspaceId),
            handle: keys.handle(workspaceId, session.handle),
          },
          args: {
            ...audit.args(record),
            ttlSeconds: browserSessionTtlSeconds,
            tokenHash: browserSession.hash,
            repeatableAboveSeconds: browserSessionTtlSeconds - repeatSeconds,
            pageOrigin,
          },
        }),
      );
    },

    /**
     * The active browser session, or undefined. Counts the call.
     *
     * @param pageOrigin the origin of the page that sends the request, if it is a page of another origin than the portal
     * @throws Problem rate_limited, service_unavailable
     */
    async find({ workspaceId, hash }: Ref, pageOrigin = ''): Promise<LiveSession | 'origin_refused' | undefined> {
      const found = withinLimit(
        await redis.run((client) =>
          client.findSession({
            keys: {
              browserSession: keys.browserSession(workspaceId, hash),
              portals: keys.portals(workspaceId),
              workspace: keys.workspace(workspaceId),
              portalEpochs: keys.portalEpochs(workspaceId),
              calls: keys.calls(workspaceId, hash),
            },
            args: { callLimit: limit, pageOrigin },
          }),
        ),
        limit,
      );
      if (found.outcome === 'origin_refused') return found.outcome;
      if (found.outcome !== 'ok') return undefined;
      const { session, expiresAt, portal, workspace } = found;
      const [portalId, epoch, handle = ''] = session.split('\n', 3);
      return {
        handle,
        record: [portalId, epoch, 'active', hash].join('\n'),
        grant: grantOf(session),
        expiresAt,
        portal: JSON.parse(portal),
        workspace: JSON.parse(workspace),
      };
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

    /** Ends one session. 'changed' if it was exchanged in the meantime, 'not_found' if it had already ended. */
    async end(
      workspaceId: string,
      { handle, grant, record }: Pick<FoundSession, 'handle' | 'grant' | 'record'>,
      userHash: string,
      auditRecord: AuditRecord,
    ): Promise<'ok' | 'changed' | 'not_found'> {
      const { outcome } = await redis.run((client) =>
        client.endSession({
          keys: {
            audit: keys.audit(workspaceId),
            credential: credentialKey(workspaceId, record),
            handle: keys.handle(workspaceId, handle),
            portalSessions: keys.portalSessions(workspaceId, grant.slug),
            userSessions: keys.userSessions(workspaceId, userHash),
          },
          args: { ...audit.args(auditRecord), place: placeOf(grant.createdAt, handle), recordRead: record },
        }),
      );
      return outcome;
    },

    /** Ends all sessions of a portal in one step. Returns how many its index had. */
    async endAll(workspaceId: string, slug: string, record: AuditRecord): Promise<number> {
      const { count } = await redis.run((client) =>
        client.endPortalSessions({
          keys: {
            audit: keys.audit(workspaceId),
            portalSlugs: keys.portalSlugs(workspaceId),
            portalEpochs: keys.portalEpochs(workspaceId),
            portalSessions: keys.portalSessions(workspaceId, slug),
          },
          args: { ...audit.args(record), slug },
        }),
      );
      return count;
    },
  };
}
