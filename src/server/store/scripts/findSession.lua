-- Finds an active browser session, and counts the call.
local loan, ms = lease(1)
if not loan then return {'rate_limited', ms} end
return {'ok', callingSession, loan, ms}
