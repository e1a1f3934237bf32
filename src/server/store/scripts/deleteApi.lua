-- Removes an API.
local refused = refuseCaller()
if refused then return refused end
if redis.call('HDEL', apisKey, apiId) == 0 then return {'not_found'} end
redis.call('ZREM', apiOrderKey, place)
audit()
return {'ok'}
