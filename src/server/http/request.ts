/** What every request passes first, and small functions on requests and responses. */
import type { Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { newId } from '../domain/credentials.ts';
import { addressOf } from '../domain/networks.ts';
import { Problem } from '../problem.ts';

/** Gives each request its id first, so that every error can name it. */
export const assignRequestId: RequestHandler = (_req, res, next) => {
  res.locals['requestId'] = newId('req');
  next();
};

/** The id of the request that this response belongs to: `req_…`. */
export const requestIdOf = (res: Response): string => res.locals['requestId'];

/**
 * Leaves only addresses in `X-Forwarded-For`, for Express, which compares them with the trusted proxies: some proxies add a
 * port. What is no address stays, because the number of proxies counts every entry.
 */
export const readForwardedFor: RequestHandler = (req, _res, next) => {
  const { 'x-forwarded-for': sent } = req.headers;
  if (sent !== undefined) {
    const entries = String(sent).split(',');
    req.headers['x-forwarded-for'] = entries.map((entry) => addressOf(entry) ?? entry.trim()).join(', ');
  }
  next();
};

/** Warns, once, if a proxy is in front of the server and the settings do not say so: all users then have its address. */
export function warnOfProxy(log: Pick<Logger, 'warn'>): RequestHandler {
  let hasWarned = false;
  return (req, _res, next) => {
    if (!hasWarned && req.headers['x-forwarded-for'] !== undefined) {
      hasWarned = true;
      log.warn(
        'X-Forwarded-For is ignored: if a proxy sends it, set TRUST_PROXY, or all users share the limits of its address',
      );
    }
    next();
  };
}

/** The last handler: no other one serves this path. @throws Problem route_not_found */
export const routeNotFound: RequestHandler = () => {
  throw new Problem('user/bad_request/route_not_found');
};

/** Whether the client accepts HTML by name, as browsers do for a page. curl and fetch do not. */
export const wantsHtml = (req: Request): boolean => req.headers.accept?.includes('text/html') === true;

/**
 * Redirects to a URL of the customer with 302, byte for byte. `res.redirect` of Express encodes some characters again, and the
 * customer may have signed the URL. Only what a header cannot hold is encoded.
 */
export function redirectTo(res: Response, url: string): void {
  const location = url.toWellFormed().replaceAll(/[^\x21-\x7e]+/g, encodeURIComponent);
  noStore(res).status(302).set('Location', location).end();
}

/** Keeps a response out of every cache: it may contain a credential or describe one. */
export const noStore = (res: Response): Response => res.set('Cache-Control', 'no-store');
