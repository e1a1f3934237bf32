-- Reads a session by its handle, pending or active.
local session = redis.call('GET', sessionKey)
if session then return {'pending', session, redis.call('PEXPIRETIME', sessionKey)} end
session = redis.call('GET', browserSessionKey)
if session then return {'active', session, redis.call('PEXPIRETIME', browserSessionKey)} end
return {'not_found'}
