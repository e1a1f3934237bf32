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
/** How long a browser session lives, in seconds. */
export const browserSessionTtlSeconds = 86_400;
/** For how long an exchange can be repeated, in seconds. */
const repeatSeconds = 300;
/** After this nothing that was minted can be alive. */
const longestLifeSeconds = sessionTtlSeconds + browserSessionTtlSeconds;

/** Where a credential's record is: its workspace and its SHA-256. */
interface Ref {
  workspaceId: string;
  hash: string;
}

/** A live browser session with the portal and the workspace as they are now. */
export interface LiveSession extends Session {
  /** What is under its handle. */
  record: string;
  portal: Portal;
  workspace: Workspace;
}

type Refusal = 'portal_not_found' | 'portal_disabled' | 'return_url_refused';

export function sessionStore(redis: Redis, audit: AuditLog, check: RootKeyCheck, { session: limit }: RateLimits) {
  return {
    ...sessionReader(redis),

    /**
     * Writes a session for the portal with this slug in the root key's workspace. When it expires, in Unix ms, or why it
     * was not written.
     *
     * @throws RootKeyRefused, RateLimited, StoreUnavailable
     */
    async create(
      rootKey: RootKeyToVerify,
      { hash, handle, grant, userHash }: { hash: string; handle: string; grant: SessionGrant; userHash: string },
      record: AuditRecord,
    ): Promise<number | Refusal> {
      const { workspaceId } = recordToVerify(rootKey);
      const { slug, createdAt, returnUrl } = grant;
      const origin = returnUrl === undefined ? '' : new URL(returnUrl).origin;
      const reply = await redis.run((client) =>
        client.createSession(
          [
            audit.key(workspaceId),
            keys.portalSlugs(workspaceId),
            keys.portals(workspaceId),
            keys.portalEpochs(workspaceId),
            keys.session(workspaceId, hash),
            keys.handle(workspaceId, handle),
            keys.portalSessions(workspaceId, slug),
            keys.userSessions(workspaceId, userHash),
            ...check.keys(workspaceId, rootKey.hash),
          ],
          [
            ...audit.args(record),
            slug,
            handle,
            JSON.stringify(grant),
            String(sessionTtlSeconds),
            hash,
            placeOf(createdAt, handle),
            placeOf(createdAt - longestLifeSeconds * 1000, ''),
            String(longestLifeSeconds),
            origin,
            ...check.args(rootKey),
          ],
        ),
      );
      const [outcome, expiresAt] = check.read(reply);
      return outcome === 'ok' ? Number(expiresAt) : (outcome as Refusal);
    },

    /**
     * Turns a session into a browser session of the same workspace, once. When that expires, in Unix ms, or why not. The
     * same two again, within `repeatSeconds`, are the same answer.
     */
    async exchange(
      session: Ref & { handle: string },
      browserSession: Ref,
      record: AuditRecord,
    ): Promise<number | 'session_not_found' | 'workspace_disabled' | 'portal_disabled'> {
      const { workspaceId } = session;
      const [outcome, expiresAt] = await redis.run((client) =>
        client.exchangeSession(
          [
            audit.key(workspaceId),
            keys.session(workspaceId, session.hash),
            keys.browserSession(workspaceId, browserSession.hash),
            keys.portals(workspaceId),
            keys.workspace(workspaceId),
            keys.portalEpochs(workspaceId),
            keys.handle(workspaceId, session.handle),
          ],
          [
            ...audit.args(record),
            String(browserSessionTtlSeconds),
            browserSession.hash,
            String(browserSessionTtlSeconds - repeatSeconds),
          ],
        ),
      );
      return outcome === 'ok' ? Number(expiresAt) : (outcome as 'session_not_found');
    },

    /**
     * The live browser session, or undefined. Counts the call.
     *
     * @throws RateLimited, StoreUnavailable
     */
    async find({ workspaceId, hash }: Ref): Promise<LiveSession | undefined> {
      const reply = await redis.run((client) =>
        client.findSession(
          [
            keys.browserSession(workspaceId, hash),
            keys.portals(workspaceId),
            keys.workspace(workspaceId),
            keys.portalEpochs(workspaceId),
            keys.calls(workspaceId, hash),
          ],
          [String(limit)],
        ),
      );
      const [outcome, session, expiresAt, portal, workspace] = withinLimit(reply, limit);
      if (outcome !== 'ok') return undefined;
      const value = String(session);
      const [portalId, epoch, handle = ''] = value.split('\n', 3);
      return {
        handle,
        record: [portalId, epoch, 'active', hash].join('\n'),
        grant: grantOf(value),
        expiresAt: Number(expiresAt),
        portal: JSON.parse(String(portal)),
        workspace: JSON.parse(String(workspace)),
      };
    },

    /** The portal of the session with this handle, pending or exchanged, or undefined. */
    async findPortal(workspaceId: string, handle: string): Promise<Portal | undefined> {
      const [outcome, portal] = await redis.run((client) =>
        client.findPortalOfHandle([keys.handle(workspaceId, handle), keys.portals(workspaceId)], []),
      );
      return outcome === 'ok' ? JSON.parse(String(portal)) : undefined;
    },

    /** Ends one session. 'changed' where it was exchanged in the meantime, 'not_found' where it had already ended. */
    async end(
      workspaceId: string,
      { handle, grant, record }: Pick<FoundSession, 'handle' | 'grant' | 'record'>,
      userHash: string,
      auditRecord: AuditRecord,
    ): Promise<'ok' | 'changed' | 'not_found'> {
      const [outcome] = await redis.run((client) =>
        client.endSession(
          [
            audit.key(workspaceId),
            credentialKey(workspaceId, record),
            keys.handle(workspaceId, handle),
            keys.portalSessions(workspaceId, grant.slug),
            keys.userSessions(workspaceId, userHash),
          ],
          [...audit.args(auditRecord), placeOf(grant.createdAt, handle), record],
        ),
      );
      return outcome as 'ok';
    },

    /** Ends all sessions of a portal in one step, however many. How many its index knew. */
    async endAll(workspaceId: string, slug: string, record: AuditRecord): Promise<number> {
      const [, count] = await redis.run((client) =>
        client.endPortalSessions(
          [
            audit.key(workspaceId),
            keys.portalSlugs(workspaceId),
            keys.portalEpochs(workspaceId),
            keys.portalSessions(workspaceId, slug),
          ],
          [...audit.args(record), slug],
        ),
      );
      return Number(count);
    },
  };
}
