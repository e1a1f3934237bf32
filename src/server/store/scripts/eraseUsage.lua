-- Removes the usage and the limits of a user who is being erased, in one API at a time. Their keys are gone, so nothing counts any
-- more. The records of days have names, which follow from the API and the day.
local log = redis.call('HKEYS', usageLogKey)
for _, field in ipairs(log) do redis.call('SADD', usageApisKey, (string.match(field, '^%d+ (%S+)'))) end
redis.call('DEL', usageLogKey)
redis.call('ZREM', usageWorkKey, user)
local api = redis.call('SRANDMEMBER', usageApisKey)
if not api then return {'done'} end
redis.call('DEL', userRatesKey .. user .. ':' .. api, quotaUsesKey .. user .. ':' .. api)
local today = math.floor(now() / dayMs)
for day = today - math.ceil(longestStoredMs / dayMs) - 1, today + 1 do
  local name = api .. ':' .. day
  redis.call('UNLINK', usageDaysKey .. name, usageTopsKey .. name)
  redis.call('ZREM', usageWorkKey, user .. ':' .. name)
end
redis.call('SREM', usageApisKey, api)
return {'more'}
