-- Writes an API key of 0.1.0 in the partition of its user, once: a user may delete it before its old record is removed.
if redis.call('SADD', migratedKey, hash) == 0 or redis.call('EXISTS', apiKeyKey) == 1 then return {'ok'} end
recordIdentity()
local f, at = fieldsOf(value), now()
writeKey(at, apiKeyKey, value, place)
if used ~= '0' then redis.call('SET', apiKeyRateKey, used, 'PXAT', windowEnd) end
settleIndexes(at, f.api)
return {'ok'}
