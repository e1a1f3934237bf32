-- Writes an API again, unless the stored record is not the one it was made from, or it grows in a workspace that is full.
local refused = refuseManager()
if refused then return refused end
local stored = redis.call('HGET', apisKey, apiId)
if not stored then return {'not_found'} end
if stored ~= textRead then return {'stale'} end
if stored == api then return {'ok'} end
local at, more = now(), #api - #stored
refused = refuseOverQuota(at, more)
if refused then return refused end
redis.call('HSET', apisKey, apiId, api)
if dropsCatalogue == '1' then more = more - #dropCatalogue() end
charge(at, more, 0)
newVersion()
audit()
return {'ok'}
