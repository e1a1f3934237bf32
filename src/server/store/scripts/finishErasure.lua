-- Removes what is left of a user, if it is only their record.
local left = redis.call('EXISTS', userSessionsKey, userKeyEndsKey, userKeyOrderKey, usageLogKey, usageApisKey)
if left > 0 then return {'more'} end
redis.call('DEL', identityKey, userQuotaKey)
redis.call('ZREM', identitiesKey, externalId)
return {'ok'}
