-- Stores a copy, unless its portal is gone or has another URL by now, or the workspace is full.
if redis.call('GET', attemptKey) == marker then redis.call('DEL', attemptKey) end
local portal = redis.call('HGET', portalsKey, portalId)
if not portal or cjson.decode(portal).openapiUrl ~= openapiUrl then return {'not_wanted'} end
local at, ending = now(), redis.call('PEXPIRETIME', documentKey)
local stored = tonumber(redis.call('HGET', documentKey, 'bytes') or 0)
local bytes = textBytes == '0' and stored or textBytes + recordOverhead
local refused = refuseOverQuota(at, bytes - stored)
if refused then return refused end
redis.call('HSET', documentKey, 'bytes', whole(bytes), unpack(fieldsAndValues))
redis.call('EXPIRE', documentKey, ttlSeconds)
refund(at, stored, ending)
charge(at, bytes, redis.call('PEXPIRETIME', documentKey))
return {'ok'}
