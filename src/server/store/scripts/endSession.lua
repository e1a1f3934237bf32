-- Ends one session, pending or active. Returns whether it was there.
local ending = redis.call('PEXPIRETIME', sessionKey)
local session = redis.call('GETDEL', sessionKey)
if not session then return {'not_found'} end
redis.call('ZREM', portalSessionsKey, place)
redis.call('ZREM', userSessionsKey, place)
refund(now(), #session + sessionOverhead, ending)
audit()
return {'ok'}
