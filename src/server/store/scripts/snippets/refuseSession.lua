-- refuseSession() returns the reply of the script if the browser session is not valid, else nil and its portal. The name of
-- its record is the hash of its token, so it is the same session as long as it exists.
local function refuseSession()
  local session = redis.call('GET', browserSessionKey)
  if not session then return {'session_not_found'} end
  local id, epoch = parseSession(session)
  return refuseEntry(id, epoch)
end
