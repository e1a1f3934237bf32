-- refuseSession() returns the reply of the script if the browser session has ended or the control data has changed, else nil. Its
-- caller has checked the portal and the workspace by that data. The name of the record is the hash of the token, so it is the same
-- session as long as it exists.
local function refuseSession()
  local outdated = refuseOutdated()
  if outdated then return outdated end
  if redis.call('EXISTS', browserSessionKey) == 0 then return {'session_not_found'} end
end
