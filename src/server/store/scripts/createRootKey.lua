-- Writes a new root key, unless the workspace has as many as allowed.
local refused = refuseManager()
if refused then return refused end
if redis.call('HLEN', rootKeysKey) >= tonumber(maxRootKeys) then return {'too_many'} end
redis.call('HSET', rootKeyIdsKey, rootKeyId, hash)
redis.call('HSET', rootKeysKey, hash, record)
audit()
return {'ok'}
