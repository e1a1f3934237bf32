-- Creates a session. Its caller has checked the root key, the portal and the return URL by the control data. Returns when the
-- session expires, by the clock of Redis.
local refused = refuseErased()
if refused then return refused end
local many = redis.call('ZCARD', userSessionsKey)
if many >= tonumber(maxSessions) then
  -- The list may have sessions that have ended, so it counts without some of them before it refuses.
  local records = string.match(sessionKey, '^(.*:)')
  for _, one in ipairs(redis.call('ZRANDMEMBER', userSessionsKey, 50)) do
    if redis.call('EXISTS', records .. string.match(one, ':(.*)')) == 0 then redis.call('ZREM', userSessionsKey, one) end
  end
  if redis.call('ZCARD', userSessionsKey) >= tonumber(maxSessions) then return {'too_many_sessions'} end
end
redis.call('SET', sessionKey, session, 'EX', sessionTtlSeconds)
local ending = redis.call('PEXPIRETIME', sessionKey)
local hour, loan = math.floor(ending / 3600000), 0
if hour ~= tonumber(lent) then
  loan = lendBytes(hour, lent == 'lend' and lentRecords or 0)
  if not loan then
    redis.call('DEL', sessionKey)
    return {'quota_exceeded'}
  end
end
recordIdentity()
redis.call('ZADD', portalSessionsKey, '0', place)
-- A list that was emptied is a new one, of which the process does not know.
redis.call('EXPIRE', portalSessionsKey, listTtlSeconds, 'NX')
redis.call('ZADD', userSessionsKey, '0', place)
-- Never less than before: a session that was created before the clock went back may need the list for longer.
if many == 0 then redis.call('EXPIRE', userSessionsKey, listTtlSeconds)
else redis.call('EXPIRE', userSessionsKey, listTtlSeconds, 'GT') end
if deadBelow ~= '' then settleLists(string.match(sessionKey, '^(.*:)'), {portalSessionsKey, userSessionsKey}) end
audit()
return {'ok', ending, loan}
