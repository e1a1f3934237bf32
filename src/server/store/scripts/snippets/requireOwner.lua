-- Ends the script if its caller is a browser session that is over. Another caller was checked by the control data.
if tokenHash ~= '' then
  local callingSession = redis.call('GET', callingSessionKey)
  if not callingSession or string.sub(callingSession, 1, 64) ~= tokenHash then return {'session_not_found'} end
end
