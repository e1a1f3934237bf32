-- The records of keys. A key is found by its id, in the list of its API and in that of its user. The ZSET userKeyEnds has every key of the user, `<place> <API id>`, by the time when it ends:
-- when it expires, or when the overlap of its reroll is over; +inf if it does not end. A key that has ended is removed
-- graceMs later, or sooner if the user has as many records as allowed.
local function sizeOf(value) return #value + keyOverhead end
local function goneAt(f) return f.expires == 0 and 0 or f.expires + graceMs end
-- Writes a key, with the lifetime of its record. `stored` is its value before, if there is one.
local function writeKey(at, name, value, place, stored)
  local f = fieldsOf(value)
  if stored then
    local before = fieldsOf(stored)
    refund(at, sizeOf(stored), goneAt(before))
    countScopes(at, before, -1)
  end
  local id, hash, entry = keyIdsKey .. f.id, string.match(name, '[^:]+$'), place .. ' ' .. f.api
  if f.expires == 0 then
    redis.call('SET', name, value)
    redis.call('SET', id, hash)
    if stored then redis.call('ZREM', keyEndsKey, entry) end
  else
    redis.call('SET', name, value, 'PXAT', whole(goneAt(f)))
    redis.call('SET', id, hash, 'PXAT', whole(goneAt(f)))
    redis.call('ZADD', keyEndsKey, whole(goneAt(f)), entry)
  end
  redis.call('ZADD', apiKeyOrdersKey .. f.api, '0', place)
  redis.call('ZADD', userKeyOrderKey, '0', place)
  redis.call('ZADD', userKeyEndsKey, f.expires == 0 and '+inf' or whole(f.expires), entry)
  indexKey(f)
  charge(at, sizeOf(value), goneAt(f))
  countScopes(at, f, 1)
end
-- Gives indexes of keys the lifetime of the last key in the index `by`, which has its keys by when they end.
local function expireWith(by, indexes)
  local last = redis.call('ZRANGE', by, 0, 0, 'REV', 'WITHSCORES')[2]
  for _, index in ipairs(indexes) do
    if last == 'inf' then redis.call('PERSIST', index)
    elseif last then redis.call('PEXPIREAT', index, whole(last + graceMs)) end
  end
end
-- Gives the quota of the user the lifetime of their last record: of a key, or of a response, which ends with a session.
local function settleQuota(at)
  if tonumber(redis.call('HGET', userQuotaKey, 'total') or 0) == 0 then return redis.call('DEL', userQuotaKey) end
  local last = redis.call('ZRANGE', userKeyEndsKey, 0, 0, 'REV', 'WITHSCORES')[2]
  if last == 'inf' then redis.call('PERSIST', userQuotaKey)
  else redis.call('PEXPIREAT', userQuotaKey, whole(math.max((last or 0) + graceMs, at + sessionMs))) end
end
-- A script calls it after it has changed keys of one API of the user.
local function settleIndexes(at, api)
  expireWith(userKeyEndsKey, {userKeyEndsKey, userKeyOrderKey})
  expireWith(userKeyExpiriesKey .. api, {userKeyExpiriesKey .. api})
  settleQuota(at)
  forgetGone(at, 2)
end
