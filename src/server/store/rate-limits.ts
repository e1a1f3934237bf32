import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { keys } from './keys.ts';
import type { Redis } from './redis.ts';
import { windowSeconds } from './scripts/rate-limits.ts';

/** How many calls there may be in a minute; 0 is any number. */
export interface RateLimits {
  /** With one root key. */
  rootKey: number;
  /** In one browser session. */
  session: number;
  /** Exchanges from one client address. */
  exchange: number;
}

/** No limit at all, for whoever is no server. */
export const noRateLimits: RateLimits = { rootKey: 0, session: 0, exchange: 0 };

/** There were more calls than the limit allows. */
export class RateLimited extends Error {
  /** Calls a window. */
  readonly limit: number;
  /** Until the window ends, in ms. */
  readonly resetMs: number;

  constructor(limit: number, resetMs: number) {
    super('rate limited');
    this.limit = limit;
    this.resetMs = resetMs;
  }
}

/** The reply of a script that counts calls. Throws RateLimited where there were too many. */
export function withinLimit<Reply extends readonly unknown[]>(reply: Reply, limit: number): Reply {
  if (reply[0] === 'rate_limited') throw new RateLimited(limit, Number(reply[1]));
  return reply;
}

/** Counts exchanges by client address: who is not known yet has no workspace, and so no script of its own to count in. */
export function exchangeLimiter(redis: Redis, { exchange: limit }: RateLimits) {
  const limiter = new RateLimiterRedis({
    storeClient: {
      // It would send the text of its own script each time; ours counts alike, and Redis knows it by name.
      eval: (_: string, { keys, arguments: args }: { keys: string[]; arguments: [string, string] }) =>
        redis.run((client) => client.countCalls(keys, args.slice(0, 2))),
    },
    useRedisPackage: true,
    keyPrefix: keys.exchangeCalls,
    points: limit,
    duration: windowSeconds,
    // Whoever is over the limit costs Redis nothing more in this window.
    inMemoryBlockOnConsumed: limit + 1,
  });

  return {
    /**
     * Counts one exchange from an address.
     *
     * @throws RateLimited, StoreUnavailable
     */
    async countExchange(address: string): Promise<void> {
      if (limit === 0) return;
      try {
        await limiter.consume(address);
      } catch (refusal) {
        throw refusal instanceof RateLimiterRes ? new RateLimited(limit, refusal.msBeforeNext) : refusal;
      }
    },
  };
}
