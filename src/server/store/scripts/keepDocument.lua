-- Stores a copy, unless its portal is gone or has another URL by now.
if redis.call('GET', attemptKey) == marker then redis.call('DEL', attemptKey) end
local portal = redis.call('HGET', portalsKey, portalId)
if not portal or cjson.decode(portal).openapiUrl ~= openapiUrl then return {'not_wanted'} end
redis.call('HSET', documentKey, unpack(fieldsAndValues))
redis.call('EXPIRE', documentKey, ttlSeconds)
return {'ok'}
