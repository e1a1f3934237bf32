-- makeRoom(at) removes keys of the user that have ended: up to four whose grace period is over and, if the user has as many
-- records as allowed, up to four others, the oldest end first. Never a key that is valid. Returns whether there is room for
-- another record; it may be one for which keys had to go. A user who has more records than allowed, because an operator has
-- lowered the limit, loses more than they get.
local function removeEnded(at, before)
  local ended = redis.call('ZRANGE', userKeyEndsKey, '-inf', whole(before), 'BYSCORE', 'LIMIT', 0, 4)
  for _, entry in ipairs(ended) do removeKey(at, entry) end
  return #ended
end
local function makeRoom(at)
  removeEnded(at, at - graceMs)
  return redis.call('ZCARD', userKeyEndsKey) < tonumber(maxRecords) or removeEnded(at, at) > 0
end
