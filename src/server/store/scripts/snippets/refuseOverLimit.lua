-- refuseOverLimit() counts a call. Returns the reply of the script if the call is over the limit, else nil.
local function refuseOverLimit()
  if callLimit == '0' then return nil end
  local calls, ms = countCalls(callsKey, 1, windowSeconds)
  if calls > tonumber(callLimit) then return {'rate_limited', ms} end
end
