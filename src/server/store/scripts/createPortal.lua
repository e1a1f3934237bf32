-- Writes a new portal, unless an API id is unknown or the slug is taken.
local refused = refuseCaller()
if refused then return refused end
local unknown = unknownPositions(apisKey, apiIds)
if #unknown > 0 then return {'api_not_found', unpack(unknown)} end
if redis.call('HSETNX', portalSlugsKey, slug, portalId) == 0 then return {'slug_taken'} end
redis.call('HSET', portalsKey, portalId, portal)
redis.call('ZADD', portalOrderKey, 0, place)
audit()
return {'ok'}
