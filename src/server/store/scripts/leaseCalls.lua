-- Counts calls of a root key.
local loan, ms = lease(tonumber(calls))
if not loan then return {'rate_limited', ms} end
return {'ok', loan, ms}
