-- Removes an API key.
local refused, portal = refuseSession()
if refused then return refused end
local stored = redis.call('GET', apiKeyKey)
if not stored or not hasApi(portal, fieldsOf(stored).api) then return {'not_found'} end
redis.call('DEL', apiKeyKey)
redis.call('HDEL', userKeysKey, keyId)
redis.call('ZREM', userKeyOrderKey, place)
redis.call('ZREM', userKeyExpiryKey, keyId)
redis.call('DEL', apiKeyRateKey)
return {'ok'}
