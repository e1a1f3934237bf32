-- Finds a portal by its slug.
local id = redis.call('HGET', portalSlugsKey, slug)
local portal = id and redis.call('HGET', portalsKey, id)
if not portal then return {'not_found'} end
return {'ok', portal}
