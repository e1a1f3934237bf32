import { keys } from './keys.ts';
import type { Portal } from './portals.ts';
import type { Redis } from './redis.ts';
import type { Workspace } from './workspaces.ts';

/** How long a session id can be exchanged, in seconds. */
const sessionTtlSeconds = 900;
/** How long a browser session lives, in seconds. */
export const browserSessionTtlSeconds = 86_400;

/** What a session grants, and to whom. Fixed at the mint. */
export interface SessionGrant {
  externalId: string;
  permissions: string[];
  preview: boolean;
}

/** Where a credential's record is: its workspace and its SHA-256. */
interface Ref {
  workspaceId: string;
  hash: string;
}

/** A live browser session with the portal and the workspace as they are now. */
export interface LiveSession {
  grant: SessionGrant;
  /** Unix ms. */
  expiresAt: number;
  portal: Portal;
  workspace: Workspace;
}

export function sessionStore(redis: Redis) {
  return {
    /** Writes a session for the portal with this slug. When it expires, in Unix ms, or why it was not written. */
    async create(
      slug: string,
      grant: SessionGrant,
      { workspaceId, hash }: Ref,
    ): Promise<number | 'portal_not_found' | 'portal_disabled'> {
      const [outcome, expiresAt] = await redis.run((client) =>
        client.createSession(
          [keys.portalSlugs(workspaceId), keys.portals(workspaceId), keys.session(workspaceId, hash)],
          [slug, JSON.stringify(grant), String(sessionTtlSeconds)],
        ),
      );
      return outcome === 'ok' ? Number(expiresAt) : (outcome as 'portal_not_found');
    },

    /** Turns a session into a browser session of the same workspace, once. When that expires, in Unix ms, or why not. */
    async exchange(
      session: Ref,
      browserSession: Ref,
    ): Promise<number | 'session_not_found' | 'workspace_disabled' | 'portal_disabled'> {
      const { workspaceId } = session;
      const [outcome, expiresAt] = await redis.run((client) =>
        client.exchangeSession(
          [
            keys.session(workspaceId, session.hash),
            keys.browserSession(workspaceId, browserSession.hash),
            keys.portals(workspaceId),
            keys.workspace(workspaceId),
          ],
          [String(browserSessionTtlSeconds)],
        ),
      );
      return outcome === 'ok' ? Number(expiresAt) : (outcome as 'session_not_found');
    },

    /** The live browser session, or undefined. */
    async find({ workspaceId, hash }: Ref): Promise<LiveSession | undefined> {
      const [outcome, session, expiresAt, portal, workspace] = await redis.run((client) =>
        client.findSession(
          [keys.browserSession(workspaceId, hash), keys.portals(workspaceId), keys.workspace(workspaceId)],
          [],
        ),
      );
      if (outcome !== 'ok') return undefined;
      const value = String(session);
      return {
        grant: JSON.parse(value.slice(value.indexOf('\n') + 1)),
        expiresAt: Number(expiresAt),
        portal: JSON.parse(String(portal)),
        workspace: JSON.parse(String(workspace)),
      };
    },

    /** Ends a browser session. False where it had already ended. */
    async end({ workspaceId, hash }: Ref): Promise<boolean> {
      return (await redis.run((client) => client.del(keys.browserSession(workspaceId, hash)))) === 1;
    },
  };
}
