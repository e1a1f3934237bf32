import { script } from './script.ts';

/**
 * How calls are counted: so many in a window of fixed length, which begins with its first call. The key has a TTL from
 * its first moment on.
 *
 * `count(key, points, seconds)` → how many there were in the window, ms until it ends.
 */
const countLua = `local function count(key, points, seconds)
       redis.call('SET', key, 0, 'EX', seconds, 'NX')
       return redis.call('INCRBY', key, points), redis.call('PTTL', key)
     end`;

/** How long a window is, in seconds. */
export const windowSeconds = 60;

/** \`over(key, limit)\` counts a call → what a script answers where that is one too many, else nil. */
export const overLua = `${countLua}
     local function over(key, limit)
       if limit == '0' then return nil end
       local calls, ms = count(key, 1, ${windowSeconds})
       if calls > tonumber(limit) then return {'rate_limited', ms} end
     end`;

export const rateLimitScripts = {
  /** The same for whoever is no caller of a script: as rate-limiter-flexible asks for it. KEYS what is counted · ARGV points, seconds */
  countCalls: script(
    1,
    `${countLua}
     return {count(KEYS[1], ARGV[1], ARGV[2])}`,
  ),
};
