-- Removes a portal with its copy of the OpenAPI document. Returns the epoch of its sessions, which are over.
local refused = refuseManager()
if refused then return refused end
local portal = redis.call('HGET', portalsKey, portalId)
if not portal then return {'not_found'} end
local bytes, ending = redis.call('HGET', documentKey, 'bytes'), redis.call('PEXPIRETIME', documentKey)
redis.call('HDEL', portalsKey, portalId)
redis.call('HDEL', portalSlugsKey, slug)
redis.call('ZREM', portalOrderKey, place)
local epoch = redis.call('HGET', portalEpochsKey, portalId) or '0'
redis.call('HDEL', portalEpochsKey, portalId)
redis.call('UNLINK', documentKey)
local at = now()
refund(at, #portal + recordOverhead, 0)
if bytes then refund(at, tonumber(bytes), ending) end
newVersion()
audit()
return {'ok', epoch}
