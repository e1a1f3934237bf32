import { stringifySetCookie } from 'cookie';
import type { Request } from 'express';
import { browserSessionTtlSeconds } from '../store/sessions.ts';
import { cookieAttributes, cookieName, cookieValues } from './cookies.ts';

const name = 'portal_session';

/**
 * The different browser session tokens in the request's cookies, usually one or none. Over http a client that is no browser can also use
 * the name with the prefix, which is the one in the contract.
 */
export function readSessionCookies(req: Pick<Request, 'headers'>, portalBaseUrl: string): string[] {
  const names = new Set([cookieName(name, 'https:'), cookieName(name, portalBaseUrl)]);
  return [...new Set([...names].flatMap((each) => cookieValues(req, each)))];
}

/**
 * The value of `Set-Cookie` (RFC 6265, section 4.1) that sets the cookie to the token for the lifetime of the browser
 * session, or clears it if the token is null.
 */
export function serializeSessionCookie(token: string | null, portalBaseUrl: string): string {
  const maxAge = token === null ? {} : { maxAge: browserSessionTtlSeconds };
  const expires = new Date(token === null ? 1 : Date.now() + browserSessionTtlSeconds * 1000);
  return stringifySetCookie({
    name: cookieName(name, portalBaseUrl),
    value: token ?? '',
    ...cookieAttributes(portalBaseUrl),
    expires,
    ...maxAge,
  });
}
