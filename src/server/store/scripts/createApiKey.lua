-- Writes a new API key, unless its API is gone or its user has as many active keys in the API as allowed. A repeated request
-- writes nothing, so it does not count towards the limit.
local refused, portal = refuseSession()
if refused then return refused end
local again = repeated()
if again then return again end
local key = fieldsOf(value)
if not hasApi(portal, key.api) or redis.call('HEXISTS', apisKey, key.api) == 0 then return {'api_not_found'} end
refused = refuseOverKeyLimit(now(), key)
if refused then return refused end
redis.call('SET', apiKeyKey, value)
redis.call('HSET', userKeysKey, key.id, hash)
redis.call('ZADD', userKeyOrderKey, 0, place)
indexKey(key)
remember()
return {'ok'}
