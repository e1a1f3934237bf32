/**
 * The portal that this browser last had a session of. The cookie outlives the session, so that the server can redirect a user
 * with an expired session back to the application. It contains the portal, and the return URL and the locale of the session, if it had
 * them. The server uses that URL only if the portal still allows it.
 *
 * Another host must not choose where the user goes. Over https, the prefix `__Host-` keeps it from setting the cookie. The value
 * has a signature, so that nobody can make one for a portal, and if a browser sends two, none counts.
 */
import { type SetCookie, stringifySetCookie } from 'cookie';
import type { Request, Response } from 'express';
import type { SessionPortal } from '../../../../generated/client/types.gen.ts';
import { newSigningKey, signed, verified } from '../../domain/credentials.ts';
import { findPortalForUsers } from '../../domain/portals/portals.ts';
import type { AuthenticatedSession } from '../../domain/sessions/sessions.ts';
import type { Store } from '../../store/index.ts';
import { cookieAttributes, cookieName, cookieValues } from '../cookies.ts';

/** 90 days, in seconds. */
const maxAge = 90 * 24 * 60 * 60;
/** A browser ignores a longer cookie (RFC 6265bis, section 5.7). Some count the attributes too. */
const longestCookie = 4096;
/** How many values of the cookie are read. */
const maxValues = 4;

/** What the cookie names. */
export interface LastPortal {
  portal: SessionPortal;
  /** The language of the session's user, if the session had one. */
  locale?: string;
}

/** Reads, sets and clears the cookie. */
export function lastPortalCookie(store: Store, portalBaseUrl: string) {
  const name = cookieName('portal_last', portalBaseUrl);
  const lineOf = (value: string, lifetime: Partial<SetCookie>) =>
    stringifySetCookie({ name, value, ...cookieAttributes(portalBaseUrl), ...lifetime });

  return {
    /** The portal of the last session of this browser; 'gone' if the portal no longer exists, or if there are several. */
    async read(req: Request): Promise<LastPortal | 'gone' | undefined> {
      const cookies = cookieValues(req, name).slice(0, maxValues);
      if (cookies.length === 0) return undefined;
      const key = await store.signingKey(newSigningKey);
      const [ours, another] = cookies.map((cookie) => verified(key, cookie)).filter((value) => value !== undefined);
      if (ours === undefined) return undefined;
      if (another !== undefined) return 'gone';
      const [workspaceId = '', portalId = '', own = '', locale = ''] = ours.split('.');
      const requested = own === '' ? undefined : Buffer.from(own, 'base64url').toString();
      const portal = await findPortalForUsers(store, workspaceId, portalId, requested);
      return portal === undefined ? 'gone' : { portal, ...(locale !== '' && { locale }) };
    },

    async remember(res: Response, { portal, grant }: AuthenticatedSession): Promise<void> {
      const key = await store.signingKey(newSigningKey);
      const signedLineOf = (value: string) => lineOf(signed(key, value), { maxAge });
      const ids = `${portal.workspaceId}.${portal.portalId}`;
      const { returnUrl = '', locale } = grant;
      const bodyOf = (own: string) => [ids, own, locale].join('.').replace(/\.+$/, '');
      const line = signedLineOf(bodyOf(Buffer.from(returnUrl).toString('base64url')));
      // Without the return URL of the session, the user still gets to that of the portal.
      res.append('Set-Cookie', line.length <= longestCookie ? line : signedLineOf(bodyOf('')));
    },

    forget(res: Response): void {
      res.append('Set-Cookie', lineOf('', { expires: new Date(1) }));
    },
  };
}
