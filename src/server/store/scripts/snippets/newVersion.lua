-- newVersion() gives the control data of the workspace its next version. A script calls it where it changes or removes what a
-- process may have read: its workspace, a root key, a portal, its epoch or an API. A version is the time in µs, so that none is
-- used twice, even if a failover has lost the last one.
local function newVersion()
  local time = redis.call('TIME')
  local last = tonumber(redis.call('GET', controlKey) or 0)
  redis.call('SET', controlKey, whole(math.max(last + 1, time[1] * 1000000 + time[2])))
end
