import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a browser sends this request for a page of another origin. The algorithm is that of Go 1.25's
 * `net/http.CrossOriginProtection`, by Filippo Valsorda (https://words.filippo.io/csrf), for methods that are not safe:
 * what the browser itself says of the page in `Sec-Fetch-Site` counts, and the `Origin` of older ones where it does not.
 * Whatever sends neither is no browser, so nobody can have talked it into anything.
 *
 * @param ownOrigin the origin at which users reach the portal: a proxy may have changed `Host`
 */
export function isForeign(headers: IncomingHttpHeaders, ownOrigin: string): boolean {
  const site = headers['sec-fetch-site'];
  const { origin, host } = headers;
  if (site === 'same-origin' || site === 'none' || origin === ownOrigin) return false;
  if (site !== undefined && site !== '') return true;
  if (origin === undefined || origin === '') return false;
  // `Host` tells no scheme. A browser that is too old for Sec-Fetch-Site is taken at its word.
  return URL.parse(origin)?.host !== host;
}
