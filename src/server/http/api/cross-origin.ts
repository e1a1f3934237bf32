import type { IncomingHttpHeaders } from 'node:http';

/**
 * The origin of the page that a browser sends this request for, if it is a page of another origin; 'null' if the browser hides
 * it. The algorithm is that of Go 1.25's `net/http.CrossOriginProtection`, by Filippo Valsorda
 * (https://words.filippo.io/csrf), for unsafe methods: it uses the `Sec-Fetch-Site` header of the browser, or the `Origin`
 * header of an older browser. A client that sends neither is not a browser, so no page can have made it send the request.
 *
 * @param ownOrigin the origin of the portal, because a proxy may have changed `Host`
 */
export function foreignOriginOf(headers: IncomingHttpHeaders, ownOrigin: string): string | undefined {
  const site = headers['sec-fetch-site'];
  const { origin, host } = headers;
  if (site === 'same-origin' || site === 'none' || origin === ownOrigin) return undefined;
  if (site !== undefined && site !== '') return origin || 'null';
  if (origin === undefined || origin === '') return undefined;
  // `Host` has no scheme, so an older browser's `Origin` is compared without one.
  return URL.parse(origin)?.host === host ? undefined : origin;
}

/** Whether a page has made a browser send the request. A client that sends neither header is no browser. */
export const isFromPage = (headers: IncomingHttpHeaders): boolean =>
  (headers.origin ?? '') !== '' || (headers['sec-fetch-site'] ?? '') !== '';
