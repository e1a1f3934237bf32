-- Writes a new API.
redis.call('HSET', apisKey, apiId, api)
redis.call('ZADD', apiOrderKey, 0, place)
audit()
return {'ok'}
