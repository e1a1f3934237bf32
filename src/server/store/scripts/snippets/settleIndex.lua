-- settleIndex(key) removes sessions that have ended for certain from an index, and gives it the lifetime of the last one. One call
-- in some creations of a process is enough: it removes more than were added since the last one.
local function settleIndex(key)
  local dead = redis.call('ZRANGE', key, '-', '(' .. deadBelow, 'BYLEX', 'LIMIT', 0, deadAtOnce)
  if #dead > 0 then redis.call('ZREM', key, unpack(dead)) end
  redis.call('EXPIRE', key, indexTtlSeconds)
end
