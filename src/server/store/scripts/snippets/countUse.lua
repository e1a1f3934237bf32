-- countUse(user, key, at, outcome, many) counts `many` verifications with this outcome in the log of a user, who is named as in the
-- value of an API key. `key` is `<API id> <key id>` and `at` is in ms. It is the whole cost of usage on a hot call: a field that is new
-- is rare, because it is a minute. The number of the minute is written without an exponent up to 14 digits.
local function countUse(user, key, at, outcome, many)
  local field = math.floor(at / 60000) .. ' ' .. key .. ' ' .. outcome
  if redis.call('HINCRBY', usageLogsKey .. user, field, many) == many then
    redis.call('ZADD', usageWorkKey, 'LT', at + loggedMs, user)
  end
end
