-- addToIndex(key, place, deadBelow, seconds) adds a session to an index, and removes up to four sessions that have ended for
-- certain, so that an index cannot grow without end.
local function addToIndex(key, place, deadBelow, seconds)
  for _, old in ipairs(redis.call('ZRANGE', key, '-', '(' .. deadBelow, 'BYLEX', 'LIMIT', 0, 4)) do
    redis.call('ZREM', key, old)
  end
  redis.call('ZADD', key, 0, place)
  redis.call('EXPIRE', key, seconds)
end
