/**
 * The portal that this browser last had a session of. The cookie outlives the session, so that the server can redirect a user
 * with an expired session back to the application. It contains the portal and the return URL of the session, if it had one.
 * The server uses that URL only if the portal still allows it.
 */
import type { CookieOptions, Request, Response } from 'express';
import type { SessionPortal } from '../../../../generated/client/types.gen.ts';
import { findPortalForUsers } from '../../domain/portals/portals.ts';
import type { AuthenticatedSession } from '../../domain/sessions/sessions.ts';
import type { Store } from '../../store/index.ts';

const name = 'portal_last';
const maxAgeMs = 90 * 24 * 60 * 60 * 1000;

/** Reads, sets and clears the cookie. */
export function lastPortalCookie(store: Store, portalBaseUrl: string) {
  const attributes: CookieOptions = {
    httpOnly: true,
    sameSite: 'lax',
    path: '/',
    secure: portalBaseUrl.startsWith('https:'),
  };

  return {
    /** The portal of the last session of this browser; 'gone' if the portal no longer exists. */
    async read(req: Request): Promise<SessionPortal | 'gone' | undefined> {
      const value: unknown = req.cookies[name];
      const [, workspaceId, portalId, own] =
        /^(ws_[0-9A-Za-z]+)\.(portal_[0-9A-Za-z]+)(?:\.([\w-]+))?$/.exec(String(value)) ?? [];
      if (workspaceId === undefined || portalId === undefined) return undefined;
      const requested = own === undefined ? undefined : Buffer.from(own, 'base64url').toString();
      return (await findPortalForUsers(store, workspaceId, portalId, requested)) ?? 'gone';
    },

    remember(res: Response, { portal, grant }: AuthenticatedSession): void {
      const own = grant.returnUrl && `.${Buffer.from(grant.returnUrl).toString('base64url')}`;
      res.cookie(name, `${portal.workspaceId}.${portal.portalId}${own ?? ''}`, { ...attributes, maxAge: maxAgeMs });
    },

    forget(res: Response): void {
      res.clearCookie(name, attributes);
    },
  };
}
