-- Writes a new API key, unless its user has as many active keys in the API or as many records as allowed, or the workspace or the
-- user has reached its quota. A repeated request writes nothing, so it does not count towards the limits.
local again = repeated()
if again then return again end
local key, at = fieldsOf(value), now()
local refused = refuseOverKeyLimit(at, key)
if refused then return refused end
if not makeRoom(at) then return {'no_room'} end
local bytes = sizeOf(value) + sizeOfResponse()
refused = refuseOverQuota(at, bytes) or refuseOverUserQuota(at, bytes)
if refused then return refused end
writeKey(at, apiKeyKey, value, place)
redis.call('HSET', userKeysKey, key.id, hash)
redis.call('ZADD', userKeyOrderKey, 0, place)
settleIndexes(at, key.api)
remember(at)
return {'ok'}
