-- Adds verifications that the caller has decided itself to the usage of a key, once for each position in a report. The
-- positions that are counted are in a SET beside the key, so a report that was counted in part can be repeated.
local key = redis.call('GET', apiKeyKey)
if not key then return {'NOT_FOUND'} end
local f, at = fieldsOf(key), now()
if not f.api then return {'moved', string.sub(key, 2)} end
if not string.find(knownApis, f.api, 1, true) then return {'unknown_api', f.api} end
if redis.call('SADD', reportKey, position) == 0 then return {'counted_before'} end
redis.call('EXPIRE', reportKey, reportTtlSeconds)
redis.call('SETRANGE', apiKeyKey, '0', whole(at))
countUse(f.user, f.api, f.id, at, 'V', many)
return {'ok'}
