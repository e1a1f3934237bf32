-- countUse(f, at, outcome, many) counts `many` verifications with this outcome in the log of the key's user. `f` are the
-- fields of the API key and `at` is in ms. It is the whole cost of usage on a hot call: a field that is new is rare, because
-- it is a minute. The number of the minute is written without an exponent up to 14 digits.
local function countUse(f, at, outcome, many)
  local field = math.floor(at / 60000) .. ' ' .. f.api .. ' ' .. f.id .. ' ' .. outcome
  if redis.call('HINCRBY', usageLogsKey .. f.user, field, many) == many then
    redis.call('ZADD', usageWorkKey, 'LT', whole(at + loggedMs), f.user)
  end
end
