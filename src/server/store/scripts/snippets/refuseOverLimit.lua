-- refuseOverLimit(key, limit) counts a call. Returns the reply of the script if the call is over the limit, else nil.
local function refuseOverLimit(key, limit)
  if limit == '0' then return nil end
  local calls, ms = countCalls(key, 1, windowSeconds)
  if calls > tonumber(limit) then return {'rate_limited', ms} end
end
