-- Ends the script if its partition knows of another version of the control data than the one by which its caller was checked. So
-- what the caller has decided by that data holds in this very step.
local controlSeen = redis.call('GET', controlSeenKey) or '0'
if controlSeen ~= controlVersion then return {'outdated', controlSeen} end
