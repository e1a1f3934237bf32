-- refuseOutdated() returns the reply of the script if its partition knows of another version of the control data than the one by
-- which its caller was checked, else nil. So what the caller has decided by that data holds in this very step.
local function refuseOutdated()
  local seen = redis.call('GET', controlSeenKey) or '0'
  if seen ~= controlVersion then return {'outdated', seen} end
end
