-- countUse(user, api, id, at, outcome, many) counts `many` verifications, a number as text, of a key with this outcome in the log of its
-- user, who is named as in the value of an API key. `at` is in ms. It is the whole cost of usage on a hot call: a field that is new is
-- rare, because it is a minute.
local function countUse(user, api, id, at, outcome, many)
  local field = string.format('%d', at / 60000) .. ' ' .. api .. ' ' .. id .. ' ' .. outcome
  if redis.call('HINCRBY', ofUsersKey .. usageLogs .. user, field, many) == tonumber(many) then
    redis.call('ZADD', ofUsersKey .. usageWork, 'LT', at + loggedMs, user)
  end
end
