-- Ends the script if the browser session of its caller is over. The first 64 characters of a session are the hash of its credential.
local callingSession = redis.call('GET', callingSessionKey)
if not callingSession or string.sub(callingSession, 1, 64) ~= tokenHash then return {'session_not_found'} end
