-- Ends one session, unless the record of its handle has changed since it was read: the session may have been exchanged.
local refused = refuseCaller()
if refused then return refused end
local now = redis.call('GET', handleKey)
if now and now ~= recordRead then return {'changed'} end
redis.call('ZREM', portalSessionsKey, place)
redis.call('ZREM', userSessionsKey, place)
redis.call('DEL', handleKey)
if redis.call('DEL', credentialKey) == 0 then return {'not_found'} end
audit()
return {'ok'}
