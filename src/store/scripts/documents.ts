import { script } from './script.ts';

/** Copies of OpenAPI documents. `marker` is what the one who fetches has written, and owns. */
export const documentScripts = {
  /**
   * Keeps a copy, unless its portal is gone, or takes its document from elsewhere by now.
   * KEYS portals, document, attempt · ARGV portalId, its openapiUrl, marker, seconds to live, field, value, …
   */
  keepDocument: script(
    3,
    `if redis.call('GET', KEYS[3]) == ARGV[3] then redis.call('DEL', KEYS[3]) end
     local portal = redis.call('HGET', KEYS[1], ARGV[1])
     if not portal or cjson.decode(portal).openapiUrl ~= ARGV[2] then return {'not_wanted'} end
     redis.call('HSET', KEYS[2], unpack(ARGV, 5))
     redis.call('EXPIRE', KEYS[2], ARGV[4])
     return {'ok'}`,
  ),

  /**
   * Remembers for a while that it failed, and of the copy, where it is of the same URL, that it is stale.
   * KEYS document, attempt · ARGV marker, what takes its place, seconds to live, hash of the URL
   */
  failDocument: script(
    2,
    `if redis.call('GET', KEYS[2]) ~= ARGV[1] then return {'timed_out'} end
     redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])
     if redis.call('HGET', KEYS[1], 'urlHash') == ARGV[4] then redis.call('HSET', KEYS[1], 'stale', '1') end
     return {'ok'}`,
  ),
};
