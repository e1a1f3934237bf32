-- refuseOverLimit() counts a call in a window that begins with its first call. Returns the reply of the script if the call is over
-- the limit, else nil.
local function refuseOverLimit()
  if callLimit == '0' then return nil end
  local calls = redis.call('INCR', sessionCallsKey)
  if calls == 1 then redis.call('EXPIRE', sessionCallsKey, windowSeconds) end
  if calls > tonumber(callLimit) then return {'rate_limited', redis.call('PTTL', sessionCallsKey)} end
end
