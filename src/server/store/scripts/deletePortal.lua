-- Removes a portal with its index of sessions and its copy of the OpenAPI document.
local refused = refuseCaller()
if refused then return refused end
local portal = redis.call('HGET', portalsKey, portalId)
if not portal then return {'not_found'} end
local bytes, ending = redis.call('HGET', documentKey, 'bytes'), redis.call('PEXPIRETIME', documentKey)
redis.call('HDEL', portalsKey, portalId)
redis.call('HDEL', portalSlugsKey, slug)
redis.call('ZREM', portalOrderKey, place)
redis.call('HDEL', portalEpochsKey, portalId)
redis.call('UNLINK', portalSessionsKey, documentKey)
local at = now()
refund(at, #portal + recordOverhead, 0)
if bytes then refund(at, tonumber(bytes), ending) end
audit()
return {'ok'}
