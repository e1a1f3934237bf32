-- Writes a new portal, unless an API id is unknown, the slug is taken, or the workspace has as many as allowed or is full.
local refused = refuseManager()
if refused then return refused end
local unknown = unknownPositions(apisKey, apiIds)
if #unknown > 0 then return {'api_not_found', unpack(unknown)} end
if redis.call('HEXISTS', portalSlugsKey, slug) == 1 then return {'slug_taken'} end
if redis.call('HLEN', portalsKey) >= tonumber(maxPortals) then return {'too_many'} end
local at, bytes = now(), #portal + recordOverhead
refused = refuseOverQuota(at, bytes)
if refused then return refused end
redis.call('HSET', portalSlugsKey, slug, portalId)
redis.call('HSET', portalsKey, portalId, portal)
redis.call('ZADD', portalOrderKey, 0, place)
charge(at, bytes, 0)
audit()
return {'ok'}
