-- Records for a while that a fetch failed, and marks a copy of the same URL as stale.
if redis.call('GET', attemptKey) ~= marker then return {'timed_out'} end
redis.call('SET', attemptKey, failure, 'EX', ttlSeconds)
if redis.call('HGET', documentKey, 'urlHash') == urlHash then redis.call('HSET', documentKey, 'stale', '1') end
return {'ok'}
