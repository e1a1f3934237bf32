-- Whether a key is active, by its fields: it has neither expired nor been rerolled. Active keys count towards the limits of
-- their user. A disabled key is active, because its user can enable it.
local function isActive(key, at) return key.rerolled == '0' and (key.expires == 0 or key.expires > at) end
-- Brings the index of active keys up to date with a key that the script writes.
local function indexKey(key)
  local index = userKeyExpiriesKey .. key.api
  if key.rerolled == '1' then redis.call('ZREM', index, key.id)
  else redis.call('ZADD', index, key.expires == 0 and '+inf' or whole(key.expires), key.id) end
end
