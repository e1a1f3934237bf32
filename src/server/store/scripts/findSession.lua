-- Finds an active browser session, and counts the call.
local refused = refuseOutdated()
if refused then return refused end
local session = redis.call('GET', browserSessionKey)
if not session then return {'session_not_found'} end
refused = refuseOverLimit()
if refused then return refused end
return {'ok', session, redis.call('PEXPIRETIME', browserSessionKey)}
