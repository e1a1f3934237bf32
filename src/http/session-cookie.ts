import type { CookieOptions, Request, Response } from 'express';
import { browserSessionTtlSeconds } from '../domain/sessions.ts';

const name = 'portal_session';

/** `Secure` wherever users reach the portal by https; a browser would not keep such a cookie over plain http. */
const attributes = (portalBaseUrl: string): CookieOptions => ({
  httpOnly: true,
  sameSite: 'lax',
  path: '/',
  secure: portalBaseUrl.startsWith('https:'),
});

/** The browser session token in the request's cookie, if it has one. Needs cookie-parser in front. */
export function readSessionCookie(req: Request): string | undefined {
  const value: unknown = req.cookies[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Sets the cookie to the token for as long as the browser session lives, or clears it where the token is null. */
export function writeSessionCookie(res: Response, token: string | null, portalBaseUrl: string): void {
  if (token === null) res.clearCookie(name, attributes(portalBaseUrl));
  // Express takes milliseconds and writes Max-Age in seconds.
  else res.cookie(name, token, { ...attributes(portalBaseUrl), maxAge: browserSessionTtlSeconds * 1000 });
}
