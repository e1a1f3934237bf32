/**
 * Cross-origin resource sharing (Fetch Standard, section 3.2): which pages of other origins can call operations and read the
 * responses. A page can if some portal allows its origin; the portal of the session must then allow it too.
 */
import { LRUCache } from 'lru-cache';
import { isAllowedOrigin } from '../../domain/portals/portals.ts';
import type { Store } from '../../store/index.ts';
import { StoreUnavailable } from '../../store/redis.ts';

/** For every response of an operation that pages of other origins can call, also for those that allow nothing. */
export const variesByOrigin: readonly string[] = ['Vary', 'Origin'];

/** Lets a page of this origin read the response. Beside these headers, it can read the body and a few basic headers. */
export const allowReading = (origin: string): string[] => [
  'Access-Control-Allow-Origin',
  origin,
  'Access-Control-Allow-Credentials',
  'true',
  'Access-Control-Expose-Headers',
  'Date, ETag, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, WWW-Authenticate',
];

/** The reply to a preflight request of this origin. No browser remembers it for longer than two hours, in seconds here. */
export const allowCalling = (origin: string, method: string): string[] => [
  'Access-Control-Allow-Origin',
  origin,
  'Access-Control-Allow-Credentials',
  'true',
  'Access-Control-Allow-Methods',
  method,
  'Access-Control-Allow-Headers',
  'Authorization, Content-Type, Idempotency-Key, If-None-Match',
  'Access-Control-Max-Age',
  '7200',
];

/** How many origins a process remembers. */
const maxRemembered = 1000;

/** Which origins some portal allows. */
export function crossOriginAccess(store: Store) {
  /** Only for an outage of Redis: a page that could read responses a moment ago can then read that there is an outage. */
  const remembered = new LRUCache<string, true>({ max: maxRemembered });

  return {
    /** Remembers an origin that the portal of a session allows. */
    remember: (origin: string): void => void remembered.set(origin, true),

    /** Whether some portal allows the origin. @throws StoreUnavailable if it is not known */
    async isAllowed(origin: string): Promise<boolean> {
      try {
        const allowed = await isAllowedOrigin(store, origin);
        if (allowed) remembered.set(origin, true);
        else remembered.delete(origin);
        return allowed;
      } catch (error) {
        if (error instanceof StoreUnavailable && remembered.has(origin)) return true;
        throw error;
      }
    },
  };
}
