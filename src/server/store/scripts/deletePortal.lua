-- Removes a portal with its index of sessions and its copy of the OpenAPI document.
local refused = refuseCaller()
if refused then return refused end
if redis.call('HDEL', portalsKey, portalId) == 0 then return {'not_found'} end
redis.call('HDEL', portalSlugsKey, slug)
redis.call('ZREM', portalOrderKey, place)
redis.call('HDEL', portalEpochsKey, portalId)
redis.call('UNLINK', portalSessionsKey, openapiDocumentKey)
audit()
return {'ok'}
