-- Ends one session, pending or active. Returns whether it was there.
local at = now()
for _, name in ipairs({sessionKey, browserSessionKey}) do
  local ending = redis.call('PEXPIRETIME', name)
  local session = redis.call('GETDEL', name)
  if session then
    redis.call('ZREM', portalSessionsKey, place)
    redis.call('ZREM', userSessionsKey, place)
    refund(at, #session + sessionOverhead, ending)
    audit()
    return {'ok'}
  end
end
return {'not_found'}
