-- Writes a new API key, unless its user has as many active keys in the API or as many records as allowed, or the workspace or the
-- user has reached its quota, or a key with this hash exists. A repeated request writes nothing, so it does not count towards the limits.
local again = repeated()
if again then return again end
local refused = refuseErased()
if refused then return refused end
local there = redis.call('GET', apiKeyKey)
if there then return {'exists', there} end
local key, at = fieldsOf(value), now()
refused = refuseOverKeyLimit(at, key)
if refused then return refused end
if not makeRoom(at) then return {'no_room'} end
local bytes = sizeOf(value) + sizeOfResponse()
refused = refuseOverQuota(at, bytes) or refuseOverUserQuota(at, bytes)
if refused then return refused end
recordIdentity()
writeKey(at, apiKeyKey, value, place)
settleIndexes(at, key.api)
remember(at)
audit()
return {'ok'}
