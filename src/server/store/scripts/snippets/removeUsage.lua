-- removeUsage(at, id, api, created) removes the usage of a key of the user: its fields of each day since its creation, and its
-- entries among the user's keys of each day. The usage of its user stays. So its fields in the log stay without the key. The
-- work grows with the age of the key, up to about 370 names after a year.
local logged
local function removeUsage(at, id, api, created)
  local own = ' ' .. api .. ' ' .. id .. ' '
  -- One reading is enough for all keys that a script removes: none of them is used meanwhile.
  logged = logged or redis.call('HKEYS', usageLogKey)
  for _, field in ipairs(logged) do
    local from, to = string.find(field, own, 1, true)
    if from then
      local many = redis.call('HGET', usageLogKey, field)
      redis.call('HDEL', usageLogKey, field)
      redis.call('HINCRBY', usageLogKey, string.sub(field, 1, from) .. api .. '  ' .. string.sub(field, to + 1), many)
    end
  end
  -- The key may be used before its creation by the clock of Redis.
  local first = math.floor(math.max(created - clockSkewMs, at - longestStoredMs) / dayMs)
  local fields = {}
  for i, outcome in ipairs(outcomes) do fields[i] = outcome .. id end
  for day = first, math.floor((at + clockSkewMs) / dayMs) do
    local name = api .. ':' .. day
    if redis.call('HDEL', usageDaysKey .. name, unpack(fields)) > 0 then
      redis.call('ZREM', usageTopsKey .. name, id)
    end
  end
end
