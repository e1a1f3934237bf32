-- Finds an active browser session of a usable portal, and counts the call.
local portal = string.match(callingSession, '^[^\n]*\n([^\n]*)', 65)
if not string.find(openPortals, '\n' .. portal .. '\n', 1, true) then return {'unknown_portal', portal} end
local loan, ms = lease(1)
if not loan then return {'rate_limited', ms} end
return {'ok', callingSession, loan, ms}
