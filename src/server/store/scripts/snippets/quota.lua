-- The bytes that a workspace stores, and in some scripts those of a user. A HASH for each has their `total`. A record without
-- an end is only in the total. The bytes of the others are also in a field for the hour in which they end, and leave the total
-- when that hour is over. `swept` is the first hour that has not left yet. So the total is exact to the hour, although Redis
-- removes records without a script.
local counters = {quotaKey}
local function hourOf(ms) return math.floor(ms / 3600000) end
-- sweep(counter, at) returns the total of a HASH and the first hour in it. Looks at up to 100 hours: after a long pause it
-- takes several calls.
local function sweep(counter, at)
  local stored = redis.call('HMGET', counter, 'total', 'swept')
  local total, first, hour = tonumber(stored[1] or 0), tonumber(stored[2] or 0), hourOf(at)
  if not stored[2] then
    redis.call('HSET', counter, 'swept', whole(hour))
    return total, hour
  end
  if first >= hour then return total, first end
  local hours, ended = {}, 0
  for one = first, math.min(hour, first + 100) - 1 do hours[#hours + 1] = whole(one) end
  for _, bytes in ipairs(redis.call('HMGET', counter, unpack(hours))) do ended = ended + tonumber(bytes or 0) end
  redis.call('HDEL', counter, unpack(hours))
  redis.call('HSET', counter, 'swept', whole(first + #hours))
  if ended ~= 0 then total = redis.call('HINCRBY', counter, 'total', whole(-ended)) end
  return total, first + #hours
end
local function count(counter, bytes, ending, first)
  redis.call('HINCRBY', counter, 'total', whole(bytes))
  if ending == 0 then return end
  local hour = whole(math.max(hourOf(ending), first))
  if redis.call('HINCRBY', counter, hour, whole(bytes)) == 0 then redis.call('HDEL', counter, hour) end
end
-- charge(at, bytes, ending) counts a record that the script writes; `ending` is in Unix ms, 0 for a record without an end.
-- refund(at, bytes, ending) counts one that it removes.
local function charge(at, bytes, ending)
  for _, counter in ipairs(counters) do
    local _, first = sweep(counter, at)
    count(counter, bytes, ending, first)
  end
end
local function refund(at, bytes, ending)
  for _, counter in ipairs(counters) do
    local _, first = sweep(counter, at)
    if ending == 0 or hourOf(ending) >= first then count(counter, -bytes, ending, first) end
  end
end
-- move(at, bytes, before, after) counts that the same bytes end at another time.
local function move(at, bytes, before, after)
  for _, counter in ipairs(counters) do
    local _, first = sweep(counter, at)
    if hourOf(before) < first then redis.call('HINCRBY', counter, 'total', whole(bytes))
    elseif redis.call('HINCRBY', counter, whole(hourOf(before)), whole(-bytes)) == 0 then
      redis.call('HDEL', counter, whole(hourOf(before)))
    end
    redis.call('HINCRBY', counter, whole(hourOf(after)), whole(bytes))
  end
end
