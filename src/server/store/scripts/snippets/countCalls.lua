-- countCalls(key, points, seconds) counts calls in a window of fixed length that begins with its first call. Returns how
-- many the window has, and how many ms are left of it. The key has a TTL from its first moment on.
local function countCalls(key, points, seconds)
  redis.call('SET', key, 0, 'EX', seconds, 'NX')
  return redis.call('INCRBY', key, points), lifeOf(key, seconds)
end
