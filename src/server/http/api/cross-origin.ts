import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a browser sends this request for a page of another origin. The algorithm is that of Go 1.25's
 * `net/http.CrossOriginProtection`, by Filippo Valsorda (https://words.filippo.io/csrf), for unsafe methods: it uses the
 * `Sec-Fetch-Site` header of the browser, or the `Origin` header of an older browser. A client that sends neither is not a
 * browser, so no page can have made it send the request.
 *
 * @param ownOrigin the origin of the portal, because a proxy may have changed `Host`
 */
export function isCrossOrigin(headers: IncomingHttpHeaders, ownOrigin: string): boolean {
  const site = headers['sec-fetch-site'];
  const { origin, host } = headers;
  if (site === 'same-origin' || site === 'none' || origin === ownOrigin) return false;
  if (site !== undefined && site !== '') return true;
  if (origin === undefined || origin === '') return false;
  // `Host` has no scheme, so an older browser's `Origin` is compared without one.
  return URL.parse(origin)?.host !== host;
}
