import { type SetCookie, stringifySetCookie } from 'cookie';
import type { Request } from 'express';
import { browserSessionTtlSeconds } from '../store/sessions.ts';

const name = 'portal_session';

/** `Secure` if the portal is on https. A browser does not store such a cookie over plain http. */
const attributes = (portalBaseUrl: string) =>
  ({
    httpOnly: true,
    sameSite: 'lax',
    path: '/',
    secure: portalBaseUrl.startsWith('https:'),
  }) satisfies Partial<SetCookie>;

/** The browser session token in the request's cookie, if it has one. Needs cookie-parser in front. */
export function readSessionCookie(req: Request): string | undefined {
  const value: unknown = req.cookies[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/**
 * The value of `Set-Cookie` (RFC 6265, section 4.1) that sets the cookie to the token for the lifetime of the browser
 * session, or clears it if the token is null.
 */
export function serializeSessionCookie(token: string | null, portalBaseUrl: string): string {
  const maxAge = token === null ? {} : { maxAge: browserSessionTtlSeconds };
  const expires = new Date(token === null ? 1 : Date.now() + browserSessionTtlSeconds * 1000);
  return stringifySetCookie({ name, value: token ?? '', ...attributes(portalBaseUrl), expires, ...maxAge });
}
