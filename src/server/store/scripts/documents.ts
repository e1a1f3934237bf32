import { script } from './script.ts';

/** Copies of OpenAPI documents. `marker` is what the one who fetches has written, and owns. */
export const documentScripts = {
  /**
   * Takes a fetch upon itself, unless somebody is at it, it failed a moment ago, or another has ended one since the copy
   * was looked at: who looks before that ends, and begins after it, would fetch for nothing.
   * KEYS document, attempt · ARGV marker, seconds to live, hash of the URL, fetchedAt of the copy that was seen or ''
   */
  beginDocument: script(
    2,
    `local copy = redis.call('HMGET', KEYS[1], 'urlHash', 'fetchedAt')
     if (copy[1] == ARGV[3] and copy[2] or '') ~= ARGV[4] then return {'fetched'} end
     if not redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[2], 'NX') then return {'under_way'} end
     return {'ok'}`,
  ),

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
