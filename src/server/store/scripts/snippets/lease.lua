-- lease(calls) counts calls for a process, and lends it calls that it may count itself until the window ends. What all processes have
-- borrowed and not yet reported as used is at most a 50th of the limit. So the limit is never exceeded, and reached at most 2 % early.
-- A window begins with its first call. Returns how many calls are lent, or nil if the calls are over the limit, and how many ms are
-- left of the window.
local function lease(calls)
  local counts = redis.call('HMGET', callsKey, 'counted', 'lent')
  local counted, lent = tonumber(counts[1] or 0), tonumber(counts[2] or 0)
  lent = math.max(lent - used, 0)
  local ms = counts[1] and lifeOf(callsKey, windowSeconds) or windowSeconds * 1000
  if counted + calls > tonumber(limit) then return nil, ms end
  local free = math.min(math.floor(limit / 50) - lent, limit - counted - calls)
  local loan = math.max(math.ceil(free / 2), 0)
  redis.call('HSET', callsKey, 'counted', counted + calls + loan, 'lent', lent + loan)
  if not counts[1] then redis.call('EXPIRE', callsKey, windowSeconds) end
  return loan, ms
end
