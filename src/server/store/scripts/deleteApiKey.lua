-- Removes an API key.
if redis.call('DEL', apiKeyKey) == 0 then return {'not_found'} end
redis.call('HDEL', userKeysKey, keyId)
redis.call('ZREM', userKeyOrderKey, place)
redis.call('ZREM', userKeyExpiryKey, keyId)
redis.call('DEL', apiKeyRateKey)
return {'ok'}
