-- lifeOf(name, seconds) returns how many ms a record has left that may live for so many seconds. It has more if the clock of Redis has
-- gone back since it was written: then it lives so long from now on, so that a window or a lock ends in time.
local function lifeOf(name, seconds)
  local left = redis.call('PTTL', name)
  if left <= seconds * 1000 then return left end
  redis.call('EXPIRE', name, seconds)
  return seconds * 1000
end
