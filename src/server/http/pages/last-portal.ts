/**
 * The portal that this browser last had a session of. The cookie outlives the session, so that the server can redirect a user
 * with an expired session back to the application. It contains the portal and the return URL of the session, if it had one.
 * The server uses that URL only if the portal still allows it.
 */
import { type SetCookie, stringifySetCookie } from 'cookie';
import type { Request, Response } from 'express';
import type { SessionPortal } from '../../../../generated/client/types.gen.ts';
import { findPortalForUsers } from '../../domain/portals/portals.ts';
import type { AuthenticatedSession } from '../../domain/sessions/sessions.ts';
import type { Store } from '../../store/index.ts';
import { cookieAttributes, cookieName, cookieValues } from '../cookies.ts';

/** 90 days, in seconds. */
const maxAge = 90 * 24 * 60 * 60;
/** A browser ignores a longer cookie (RFC 6265bis, section 5.7). Some count the attributes too. */
const longestCookie = 4096;
/** How many values of the cookie are looked up. */
const maxValues = 4;

/** Reads, sets and clears the cookie. */
export function lastPortalCookie(store: Store, portalBaseUrl: string) {
  const name = cookieName('portal_last', portalBaseUrl);
  const lineOf = (value: string, lifetime: Partial<SetCookie>) =>
    stringifySetCookie({ name, value, ...cookieAttributes(portalBaseUrl), ...lifetime });

  return {
    /** The portal of the last session of this browser; 'gone' if the portal no longer exists. */
    async read(req: Request): Promise<SessionPortal | 'gone' | undefined> {
      const ours = cookieValues(req, name)
        .map((value) => /^(ws_[0-9A-Za-z]+)\.(portal_[0-9A-Za-z]+)(?:\.([\w-]+))?$/.exec(value))
        .filter((match) => match !== null);
      const found = ours.slice(0, maxValues).map(([, workspaceId = '', portalId = '', own]) => {
        const requested = own === undefined ? undefined : Buffer.from(own, 'base64url').toString();
        return findPortalForUsers(store, workspaceId, portalId, requested);
      });
      const portal = (await Promise.all(found)).find((each) => each !== undefined);
      return portal ?? (ours.length > 0 ? 'gone' : undefined);
    },

    remember(res: Response, { portal, grant }: AuthenticatedSession): void {
      const ids = `${portal.workspaceId}.${portal.portalId}`;
      const own = grant.returnUrl && `.${Buffer.from(grant.returnUrl).toString('base64url')}`;
      const line = lineOf(ids + (own ?? ''), { maxAge });
      // Without the return URL of the session, the user still gets to that of the portal.
      res.append('Set-Cookie', line.length <= longestCookie ? line : lineOf(ids, { maxAge }));
    },

    forget(res: Response): void {
      res.append('Set-Cookie', lineOf('', { expires: new Date(1) }));
    },
  };
}
