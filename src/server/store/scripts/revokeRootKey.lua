-- Removes a root key by its id.
local refused = refuseManager()
if refused then return refused end
local hash = redis.call('HGET', rootKeyIdsKey, rootKeyId)
if not hash then return {'not_found'} end
redis.call('HDEL', rootKeyIdsKey, rootKeyId)
redis.call('HDEL', rootKeysKey, hash)
newVersion()
audit()
return {'ok'}
