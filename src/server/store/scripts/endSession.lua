-- Ends one session, unless the record of its handle has changed since it was read: the session may have been exchanged.
local refused = refuseOwner()
if refused then return refused end
local record = redis.call('GET', handleKey)
if record and record ~= recordRead then return {'changed'} end
redis.call('ZREM', portalSessionsKey, place)
redis.call('ZREM', userSessionsKey, place)
redis.call('DEL', handleKey)
local ending = redis.call('PEXPIRETIME', credentialKey)
local session = redis.call('GETDEL', credentialKey)
if not session then return {'not_found'} end
refund(now(), sizeOfSession(session), ending)
audit()
return {'ok'}
