-- Reads a session by its handle, pending or active.
local session = redis.call('GET', sessionKey)
if not session then return {'not_found'} end
local ending = redis.call('PEXPIRETIME', sessionKey)
if string.sub(session, 66, 78) == notExchanged then return {'pending', session, ending} end
return {'active', session, ending}
