-- Writes a new root key.
local refused = refuseCaller()
if refused then return refused end
redis.call('HSET', rootKeyIdsKey, rootKeyId, hash)
redis.call('HSET', rootKeysKey, hash, record)
audit()
return {'ok'}
