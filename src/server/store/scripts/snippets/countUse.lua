-- countUse(user, key, at, outcome, many) counts `many` verifications, a number as text, with this outcome in the log of a user, who is named
-- as in the value of an API key. `key` is `<API id> <key id>` and `at` is in ms. It is the whole cost of usage on a hot call: a field that
-- is new is rare, because it is a minute.
local function countUse(user, key, at, outcome, many)
  local field = string.format('%d %s %s', at / 60000, key, outcome)
  if redis.call('HINCRBY', usageLogsKey .. user, field, many) == tonumber(many) then
    redis.call('ZADD', usageWorkKey, 'LT', at + loggedMs, user)
  end
end
