-- Removes an API. Its keys are removed later, a few at a time: until then they are no longer found.
local refused = refuseManager()
if refused then return refused end
local api = redis.call('HGET', apisKey, apiId)
if not api then return {'not_found'} end
local at = now()
redis.call('HDEL', apisKey, apiId)
redis.call('ZREM', apiOrderKey, place)
redis.call('HSET', deletedApisKey, apiId, whole(at))
refund(at, #api + recordOverhead + #dropCatalogue(), 0)
newVersion()
audit()
return {'ok'}
