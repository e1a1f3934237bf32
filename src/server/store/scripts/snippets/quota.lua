-- The bytes that a workspace stores, and in some scripts those of a user. A HASH for each has their `total`. A record without
-- an end is only in the total. The bytes of the others are also in a field for the hour in which they end, and leave the total
-- when that hour is over. `swept` is the first hour that has not left yet. A field `<hour>><later hour>` has bytes of the first hour
-- that end in the later one. So the total is exact to the hour, although Redis removes records without a script.
-- If the clock goes forwards and back, records can live on whose bytes have left: they no longer count.
local counters = {quotaKey}
local function hourOf(ms) return math.floor(ms / 3600000) end
-- sweep(counter, at) returns the total of a HASH and the first hour in it.
local function sweep(counter, at)
  local stored, hour = redis.call('HMGET', counter, 'total', 'swept'), hourOf(at)
  local total, first = tonumber(stored[1] or 0), tonumber(stored[2] or 0)
  if first == hour then return total, first end
  if first > hour then
    -- The clock has gone back: the hours until then end once more.
    redis.call('HSET', counter, 'swept', whole(hour))
    return total, hour
  end
  local fields, over, bytes = redis.call('HGETALL', counter), {}, 0
  for i = 1, #fields, 2 do
    local ended, later = string.match(fields[i], '^(%d+)>?(%d*)$')
    if ended and tonumber(ended) < hour then
      over[#over + 1] = fields[i]
      if later == '' then bytes = bytes + fields[i + 1]
      elseif tonumber(later) >= hour then
        bytes = bytes - fields[i + 1]
        redis.call('HINCRBY', counter, later, fields[i + 1])
      end
    end
  end
  if #over > 0 then redis.call('HDEL', counter, unpack(over)) end
  redis.call('HSET', counter, 'swept', whole(hour))
  if bytes ~= 0 then total = redis.call('HINCRBY', counter, 'total', whole(-bytes)) end
  return total, hour
end
local function count(counter, bytes, ending, first)
  redis.call('HINCRBY', counter, 'total', whole(bytes))
  if ending == 0 then return end
  local hour = whole(math.max(hourOf(ending), first))
  local left = redis.call('HINCRBY', counter, hour, whole(bytes))
  if left == 0 then redis.call('HDEL', counter, hour) end
  if left >= 0 then return end
  -- Bytes of an earlier hour may be about to come. What is still missing left with its hour before the clock went back.
  local fields = redis.call('HGETALL', counter)
  for i = 1, #fields, 2 do
    if string.match(fields[i], '>(%d+)$') == hour then left = left + fields[i + 1] end
  end
  if left >= 0 then return end
  redis.call('HINCRBY', counter, 'total', whole(-left))
  if redis.call('HINCRBY', counter, hour, whole(-left)) == 0 then redis.call('HDEL', counter, hour) end
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
