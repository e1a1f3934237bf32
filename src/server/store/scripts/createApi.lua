-- Writes a new API, unless the workspace has as many as allowed or is full. A deleted API counts until its keys are gone.
local refused = refuseManager()
if refused then return refused end
if redis.call('HLEN', apisKey) + redis.call('HLEN', deletedApisKey) >= tonumber(maxApis) then return {'too_many'} end
local at, bytes = now(), #api + recordOverhead
refused = refuseOverQuota(at, bytes)
if refused then return refused end
redis.call('HSET', apisKey, apiId, api)
redis.call('ZADD', apiOrderKey, 0, place)
charge(at, bytes, 0)
audit()
return {'ok'}
