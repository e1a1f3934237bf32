-- refuseOverKeyLimit(at, after, before) returns the reply of the script if it may not write the key `after`, because its user
-- has as many active keys as allowed; else nil. `before` is the stored key, if there is one: a key that is active already
-- needs no other place. Every script that can make a key active calls it.
local function refuseOverKeyLimit(at, after, before)
  if not isActive(after, at) or before and isActive(before, at) then return nil end
  local active = redis.call('ZCOUNT', userKeyExpiriesKey .. after.api, '(' .. whole(at), '+inf')
  if active >= tonumber(maxKeys) then return {'limit_exceeded'} end
end
