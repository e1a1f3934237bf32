-- Stores the catalogue of an API, whose record names its hash, unless the record is not the one that the caller has read, or the
-- workspace is full.
local stored = redis.call('HGET', apisKey, apiId)
if not stored then return {'not_found'} end
if stored ~= textRead then return {'stale'} end
local at, before = now(), redis.call('HGET', scopeCataloguesKey, apiId) or ''
local more = #api - #stored + #catalogue - #before
local refused = refuseOverQuota(at, more)
if refused then return refused end
redis.call('HSET', apisKey, apiId, api)
redis.call('HSET', scopeCataloguesKey, apiId, catalogue)
charge(at, more, 0)
newVersion()
return {'ok'}
