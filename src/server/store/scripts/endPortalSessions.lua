-- Ends all sessions of a portal with a new epoch, however many they are. Returns how many the index had.
local refused = refuseCaller()
if refused then return refused end
local id = redis.call('HGET', portalSlugsKey, slug)
local count = redis.call('ZCARD', portalSessionsKey)
if not id or count == 0 then return {'ok', 0} end
redis.call('HINCRBY', portalEpochsKey, id, 1)
redis.call('UNLINK', portalSessionsKey)
audit()
return {'ok', count}
