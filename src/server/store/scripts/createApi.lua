-- Writes a new API.
local refused = refuseCaller()
if refused then return refused end
redis.call('HSET', apisKey, apiId, api)
redis.call('ZADD', apiOrderKey, 0, place)
audit()
return {'ok'}
