-- Writes a new API key, unless its API is gone or its user has as many active keys in the API as allowed.
if redis.call('HEXISTS', apisKey, apiId) == 0 then return {'api_not_found'} end
if countActive(userKeyExpiryKey, now()) >= tonumber(maxKeys) then return {'limit_exceeded'} end
redis.call('SET', apiKeyKey, value)
redis.call('HSET', userKeysKey, keyId, hash)
redis.call('ZADD', userKeyOrderKey, 0, place)
redis.call('ZADD', userKeyExpiryKey, expiryScore, keyId)
return {'ok'}
