-- Finds an active browser session, and counts the call in a window that begins with its first call.
if callLimit ~= '0' then
  local calls = redis.call('INCR', sessionCallsKey)
  if calls == 1 then redis.call('EXPIRE', sessionCallsKey, windowSeconds) end
  if calls > tonumber(callLimit) then return {'rate_limited', redis.call('PTTL', sessionCallsKey)} end
end
return {'ok', callingSession, redis.call('PEXPIRETIME', callingSessionKey)}
