import type { SetCookie } from 'cookie';
import cookieParser from 'cookie-parser';
import type { Request, Response } from 'express';

/**
 * The name of a cookie of the portal. Over https it has the prefix `__Host-` (RFC 6265bis, section 4.1.3.2): browsers take such
 * a cookie only from this host, so no sibling subdomain can plant one. Browsers refuse the prefix over plain http.
 */
export const cookieName = (name: string, portalBaseUrl: string): string =>
  portalBaseUrl.startsWith('https:') ? `__Host-${name}` : name;

/** The attributes of every cookie of the portal. The prefix `__Host-` requires `Secure`, `Path=/` and no `Domain`. */
export const cookieAttributes = (portalBaseUrl: string) =>
  ({
    httpOnly: true,
    sameSite: 'lax',
    path: '/',
    secure: portalBaseUrl.startsWith('https:'),
  }) satisfies Partial<SetCookie>;

const parse = cookieParser();

/**
 * All values of a cookie, in the order of the request. A browser sends several of one name if they were set for different
 * paths or domains (RFC 6265, section 5.4), so the first is not always the one that this server has set. cookie-parser returns
 * one value of a name, so it gets the pairs one at a time. It reads some values as JSON; no cookie of ours is such a value.
 */
export function cookieValues({ headers }: Pick<Request, 'headers'>, name: string): string[] {
  const values = (headers.cookie ?? '').split(';').map((cookie): unknown => {
    const one = { headers: { cookie } } as Request;
    parse(one, {} as Response, () => {});
    return one.cookies[name];
  });
  return [...new Set(values.filter((value) => typeof value === 'string' && value !== ''))] as string[];
}
