-- Writes an API key again, unless it has changed since it was read, would be one active key more than allowed, or would grow
-- beyond a quota. Another rate limit starts a new window.
local stored = redis.call('GET', apiKeyKey)
if not stored then return {'not_found'} end
if string.sub(stored, lastUsedLength + 1) ~= textRead then return {'stale'} end
local value = string.sub(stored, 1, lastUsedLength) .. text
local before, after, at = fieldsOf(stored), fieldsOf(value), now()
local bytes = #value - #stored
local refused = refuseOverKeyLimit(at, after, before) or refuseOverQuota(at, bytes)
  or refuseOverUserQuota(at, bytes, place .. ' ' .. before.api)
if refused then return refused end
writeKey(at, apiKeyKey, value, place, stored)
settleIndexes(at, after.api)
if before.limit ~= after.limit or before.duration ~= after.duration then redis.call('DEL', apiKeyRateKey) end
audit()
return {'ok'}
