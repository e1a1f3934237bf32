-- Removes sessions of a user who is being erased with their stored responses, up to erasedAtOnce sessions.
local at, places = now(), redis.call('ZRANGE', userSessionsKey, 0, erasedAtOnce - 1)
for _, place in ipairs(places) do
  local handle = string.match(place, ':(.*)')
  for _, name in ipairs(redis.call('SMEMBERS', storedResponsesKey .. handle)) do
    local expires = redis.call('PEXPIRETIME', sessionResponsesKey .. name)
    local response = redis.call('GETDEL', sessionResponsesKey .. name)
    if response then refund(at, #response + recordOverhead, expires) end
  end
  redis.call('DEL', sessionCallsKey .. handle, storedResponsesKey .. handle)
  redis.call('ZREM', userSessionsKey, place)
  local ending = redis.call('PEXPIRETIME', sessionsKey .. handle)
  local session = redis.call('GETDEL', sessionsKey .. handle)
  if session then
    local portal, epoch = string.match(session, '\n(%S+) (%S+)\n')
    redis.call('ZREM', portalSessionsKey .. portal .. ':' .. epoch, place)
    refund(at, #session + sessionOverhead, ending)
  end
end
if #places == tonumber(erasedAtOnce) then return {'more'} end
return {'done'}
