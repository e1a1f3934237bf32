/** Limits by client address: for pages, and for calls with credentials that do not exist. */
import type { ErrorRequestHandler, Request, RequestHandler } from 'express';
import { LRUCache } from 'lru-cache';
import { sha256 } from '../domain/credentials.ts';
import { networkOf } from '../domain/networks.ts';
import { Problem } from '../problem.ts';
import type { Store } from '../store/index.ts';
import { rateLimited } from '../store/rate-limits.ts';

/** How long a window is, in ms. */
const windowMs = 60_000;
/** How many addresses a process counts. With more, those that were silent for longest start again. */
const maxAddresses = 20_000;

/** Scripts and styles: a page loads many, and browsers store them. */
const isAsset = (path: string) => /^(\/docs)?\/assets\//.test(path);

/**
 * Limits the pages that one address can request, and every other path that is no operation. Each process counts for itself: a
 * page takes the time of a process, and the documentation does without Redis. Not with rate-limiter-flexible, which sets a
 * timer for each address without a bound.
 *
 * @param limit requests in a minute; 0 disables the limit
 * @param clock in ms
 * @throws Problem rate_limited
 */
export function limitPages(limit: number, clock: Pick<Performance, 'now'> = performance): RequestHandler {
  const counts = new LRUCache<string, { requests: number }>({ max: maxAddresses, ttl: windowMs, perf: clock });
  return (req, _res, next) => {
    if (limit > 0 && !isAsset(req.path)) {
      const address = networkOf(req.ip);
      const count = counts.get(address) ?? { requests: 0 };
      if (count.requests >= limit) throw rateLimited(limit, counts.getRemainingTTL(address));
      if (count.requests === 0) counts.set(address, count);
      count.requests += 1;
    }
    next();
  };
}

/** The errors of a credential that is well-formed and does not exist. */
const failures: ReadonlySet<string> = new Set([
  'unkey/authentication/key_not_found',
  'unkey/authentication/portal_session_not_found',
]);

/** Counts failed authentications. Over the limit, the client gets 429 instead of 401. */
export function countFailures({ failedAuthentication }: Pick<Store, 'failedAuthentication'>): ErrorRequestHandler {
  return (error, req, res, next) => {
    // Exchanges have a limit of their own.
    const isCounted = res.locals['operationId'] === 'portal.exchangeSession';
    if (isCounted || !(error instanceof Problem) || !failures.has(error.code)) {
      next(error);
      return;
    }
    failedAuthentication.count(networkOf(req.ip)).then(
      () => next(error),
      // Without Redis nothing is counted, and the failure stays what it was.
      (refusal: unknown) => next(refusal instanceof Problem && refusal.status === 429 ? refusal : error),
    );
  };
}

/**
 * Refuses a call with credentials from an address with too many failed authentications, before Redis is asked about them.
 *
 * @throws Problem rate_limited
 */
export function refuseBlocked(
  { failedAuthentication }: Pick<Store, 'failedAuthentication'>,
  req: Pick<Request, 'ip'>,
  credentials: readonly string[],
): void {
  // Express looks for the address at each access, so this comes first.
  if (failedAuthentication.hasBlocked()) failedAuthentication.refuseBlocked(networkOf(req.ip), credentials.map(sha256));
}
