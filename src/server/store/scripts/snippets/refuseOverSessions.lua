-- refuseOverSessions() returns the reply of the script if the user has as many sessions as allowed, else nil. The index may
-- have sessions that have ended, so it counts without some of them before it refuses.
local function refuseOverSessions()
  if redis.call('ZCARD', userSessionsKey) < tonumber(maxSessions) then return nil end
  for _, place in ipairs(redis.call('ZRANDMEMBER', userSessionsKey, 50)) do
    if redis.call('EXISTS', handlesKey .. string.match(place, ':(.*)')) == 0 then
      redis.call('ZREM', userSessionsKey, place)
    end
  end
  if redis.call('ZCARD', userSessionsKey) >= tonumber(maxSessions) then return {'too_many_sessions'} end
end
