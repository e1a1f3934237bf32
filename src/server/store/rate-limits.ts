import { LRUCache } from 'lru-cache';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { Problem } from '../problem.ts';
import { keys } from './keys.ts';
import type { RootKeyToVerify } from './proof.ts';
import type { Redis } from './redis.ts';
import { type OverLimit, windowSeconds } from './scripts/rate-limits.ts';

/** How rate-limiter-flexible calls a script. */
interface LimiterCall {
  keys: [key: string];
  arguments: [points: string, seconds: string, ...unused: string[]];
}

/** How many calls each limit allows in a minute. `0` disables the limit. */
export interface RateLimits {
  /** With one root key. */
  rootKey: number;
  /** In one browser session. */
  session: number;
  /** Exchanges from one client address. */
  exchange: number;
  /** Failed authentications from one client address. */
  failedAuthentication: number;
}

/** No limits, for processes that serve no requests. */
export const noRateLimits: RateLimits = { rootKey: 0, session: 0, exchange: 0, failedAuthentication: 0 };

/** The refusal of a call over a limit. The window ends in `resetMs`. */
export const rateLimited = (limit: number, resetMs: number) =>
  new Problem('user/too_many_requests/rate_limited', { rateLimit: limit, retryAfterMs: resetMs });

/** How many addresses over the limit, and how many valid credentials, a process remembers. */
const maxRemembered = 10_000;

/** Counts by client address: an unknown caller has no workspace, and so no script that could count the call. */
function addressLimiter(redis: Redis, keyPrefix: string, limit: number) {
  const limiter = new RateLimiterRedis({
    storeClient: {
      // The library would send the text of its own script each time. Ours counts in the same way, and Redis has it cached.
      eval: (_: string, { keys: [key], arguments: [points, seconds] }: LimiterCall) =>
        redis.run(async (client) => {
          const { counts } = await client.countCalls({ keys: { calls: key }, args: { points, seconds } });
          return counts;
        }),
    },
    useRedisPackage: true,
    keyPrefix,
    points: limit,
    duration: windowSeconds,
  });
  /**
   * Calls over the limit cost Redis nothing more in this window. The library can do the same, but by a clock that can be changed: after
   * that, an address could be blocked for days.
   */
  const blocked = new LRUCache<string, true>({ max: maxRemembered });
  /** When the last block ends, by performance.now(). */
  let lastEnds = 0;

  return {
    /** How long calls of an address are refused without Redis, in ms. */
    blockedMs: (address: string): number => blocked.getRemainingTTL(address),

    /** Whether an address may be over the limit. */
    hasBlocked: (): boolean => performance.now() < lastEnds,

    /**
     * Counts one call from an address.
     *
     * @throws Problem rate_limited, service_unavailable
     */
    async count(address: string): Promise<void> {
      if (limit === 0) return;
      const resetMs = blocked.getRemainingTTL(address);
      if (resetMs > 0) throw rateLimited(limit, resetMs);
      try {
        await limiter.consume(address);
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        // Without a lifetime the address would be blocked for ever.
        const ttl = Math.max(refusal.msBeforeNext, 1);
        blocked.set(address, true, { ttl });
        lastEnds = Math.max(lastEnds, performance.now() + ttl);
        throw rateLimited(limit, ttl);
      }
    },
  };
}

/**
 * Counts calls with a credential that does not exist, after Redis has said so: a call with a valid one costs nothing more.
 * Once an address is over the limit, its calls are refused without Redis, except with a credential that this process has
 * seen valid: other users can share the address.
 */
function failureLimiter(redis: Redis, limit: number) {
  const { count, hasBlocked, blockedMs } = addressLimiter(redis, keys.failedCalls, limit);
  const valid = new LRUCache<string, true>({ max: maxRemembered });

  return {
    /**
     * Counts a call with a credential that does not exist.
     *
     * @throws Problem rate_limited, service_unavailable
     */
    count,

    /** Remembers a credential, by its SHA-256, that Redis has verified. */
    accept: (hash: string): void => void valid.set(hash, true),

    /** Whether an address may be over the limit: the check of nearly every call. */
    hasBlocked,

    /**
     * Refuses an address over the limit, unless one of the credentials was valid before.
     *
     * @param hashes the SHA-256 of the credentials of the call
     * @throws Problem rate_limited
     */
    refuseBlocked(address: string, hashes: readonly string[]): void {
      const resetMs = blockedMs(address);
      if (resetMs > 0 && !hashes.some((hash) => valid.has(hash))) throw rateLimited(limit, resetMs);
    },
  };
}

/** The limits of callers that are not known yet, by their address. */
export function addressLimiters(redis: Redis, { exchange, failedAuthentication }: RateLimits) {
  return {
    /** Counts exchanges of session ids. @throws Problem rate_limited, service_unavailable */
    countExchange: addressLimiter(redis, keys.exchangeCalls, exchange).count,
    failedAuthentication: failureLimiter(redis, failedAuthentication),
  };
}

/** What a process has borrowed of the calls of one caller. */
interface Lease {
  /** How many calls are left. */
  left: number;
  /** How many were used since the last report. */
  used: number;
  /** When the window ends, by performance.now(). */
  endsAt: number;
  /** Whether the limit is reached. */
  isOver: boolean;
}

/** How long a step takes at most, in ms, unless Redis is slow. */
const stepMs = 1000;

/** How a script lends calls. */
type Lending = { outcome: 'ok'; loan: number; resetMs: number } | OverLimit;

/**
 * The calls that a process has borrowed, by caller. A root key calls all partitions, and a session is read without a script. So a
 * process borrows calls in advance and counts them itself. All processes together never exceed the limit. Calls that are borrowed and
 * not used count as well, so they can reach the limit up to 2 % early. A limit below 50 lends nothing, and is exact.
 */
export function borrowedCalls(limit: number) {
  const leases = new LRUCache<string, Lease>({ max: maxRemembered });
  const current = (caller: string): Lease | undefined => {
    const lease = leases.get(caller);
    return lease !== undefined && lease.endsAt > performance.now() ? lease : undefined;
  };

  return {
    /** Whether `take` counts a call, or refuses it, without a script. */
    knows(caller: string): boolean {
      if (limit === 0) return true;
      const lease = current(caller);
      return lease !== undefined && (lease.left > 0 || lease.isOver);
    },

    /**
     * Counts borrowed calls. False if there are not enough: then a script must count them.
     *
     * @throws Problem rate_limited
     */
    take(caller: string, calls = 1): boolean {
      if (limit === 0) return true;
      const lease = current(caller);
      if (lease?.isOver && calls === 1) throw rateLimited(limit, lease.endsAt - performance.now());
      if (lease === undefined || lease.left < calls) return false;
      lease.left -= calls;
      lease.used += calls;
      return true;
    },

    /**
     * Begins a step whose script lends calls. What `args` report is not reported again, by a step under way at the same time.
     *
     * `accept` keeps what the script has lent.
     *
     * @throws Problem rate_limited, by `accept`
     */
    ask(caller: string) {
      // The window cannot end sooner than by what the script says and the time before it has run.
      const askedAt = performance.now();
      const lease = current(caller);
      // At the end of a window the script can run in the next one, which has not lent what was used in this one.
      const used = lease === undefined || lease.endsAt - askedAt < stepMs ? 0 : lease.used;
      if (lease !== undefined) lease.used -= used;
      return {
        args: { limit, used },
        accept(lending: Lending, calls = 1): void {
          const { left = 0, used: unreported = 0 } = current(caller) ?? {};
          const isOver = lending.outcome === 'rate_limited';
          leases.set(caller, {
            left: isOver ? left : left + lending.loan,
            used: unreported,
            endsAt: askedAt + lending.resetMs,
            isOver: isOver && calls === 1,
          });
          if (isOver) throw rateLimited(limit, lending.resetMs);
        },
      };
    },
  };
}

/** Counts the calls of root keys. */
export function rootKeyLimiter(redis: Redis, { rootKey: limit }: RateLimits) {
  const borrowed = borrowedCalls(limit);
  return {
    /**
     * Counts calls of a root key.
     *
     * @throws Problem rate_limited, service_unavailable; then no call is counted
     */
    async count(workspaceId: string, hash: string, calls = 1): Promise<void> {
      if (borrowed.take(hash, calls)) return;
      const { args, accept } = borrowed.ask(hash);
      const names = { calls: keys.rootKeyCalls(workspaceId, hash) };
      accept(await redis.run((client) => client.leaseCalls({ keys: names, args: { ...args, calls } })), calls);
    },
  };
}

export type RootKeyLimiter = ReturnType<typeof rootKeyLimiter>;

/** Counts the call of a root key, unless its verification has. @throws Problem rate_limited, service_unavailable */
export async function countOnce(limiter: RootKeyLimiter, workspaceId: string, rootKey: RootKeyToVerify): Promise<void> {
  if (rootKey.verification === 'cached') await limiter.count(workspaceId, rootKey.hash);
}
