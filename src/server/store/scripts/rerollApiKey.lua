-- Writes the new key and the end of the old one in one step, by the clock of Redis. The old key does not count towards the
-- limit: otherwise a user at the limit could never replace a key.
local before = redis.call('GET', oldApiKeyKey)
if not before then return {'not_found'} end
if string.sub(before, lastUsedLength + 1) ~= textRead then return {'stale'} end
local f, at = fieldsOf(before), now()
if f.rerolled == '1' or (f.expires > 0 and f.expires <= at) then return {'retired'} end
if countActive(userKeyExpiryKey, at) - 1 >= tonumber(maxKeys) then return {'limit_exceeded'} end
local ending = at + tonumber(overlapMs)
if f.expires > 0 and f.expires < ending then ending = f.expires end
redis.call('SET', newApiKeyKey, line(unused, at, '0', f.expires, newKeyId, f) .. newJson)
redis.call('HSET', userKeysKey, newKeyId, newHash)
redis.call('ZADD', userKeyOrderKey, 0, newPlace)
local json = string.sub(before, string.find(before, '\n', 1, true) + 1)
redis.call('SET', oldApiKeyKey, line(f.used, at, '1', ending, f.id, f) .. json)
redis.call('ZADD', userKeyExpiryKey, score(f.expires), newKeyId, score(ending), f.id)
return {'ok'}
