import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { Problem } from '../problem.ts';
import { keys } from './keys.ts';
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
}

/** No limits, for processes that serve no requests. */
export const noRateLimits: RateLimits = { rootKey: 0, session: 0, exchange: 0 };

const rateLimited = (limit: number, resetMs: number) =>
  new Problem('user/too_many_requests/rate_limited', { rateLimit: limit, retryAfterMs: resetMs });

/**
 * The reply of a script that counts calls, without the refusal.
 *
 * @throws Problem rate_limited
 */
export function withinLimit<Reply extends { outcome: string }>(reply: Reply, limit: number): Exclude<Reply, OverLimit> {
  const { outcome, resetMs = 0 }: { outcome: string; resetMs?: number } = reply;
  if (outcome === 'rate_limited') throw rateLimited(limit, resetMs);
  return reply as Exclude<Reply, OverLimit>;
}

/** Counts exchanges by client address: an unknown caller has no workspace, and so no script that could count the call. */
export function exchangeLimiter(redis: Redis, { exchange: limit }: RateLimits) {
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
    keyPrefix: keys.exchangeCalls,
    points: limit,
    duration: windowSeconds,
    // Calls over the limit cost Redis nothing more in this window.
    inMemoryBlockOnConsumed: limit + 1,
  });

  return {
    /**
     * Counts one exchange from an address.
     *
     * @throws Problem rate_limited, service_unavailable
     */
    async countExchange(address: string): Promise<void> {
      if (limit === 0) return;
      try {
        await limiter.consume(address);
      } catch (refusal) {
        throw refusal instanceof RateLimiterRes ? rateLimited(limit, refusal.msBeforeNext) : refusal;
      }
    },
  };
}
