-- refuseOverUserQuota(at, bytes, own) returns the reply of the script if the user cannot store as many bytes more, else nil.
-- Up to 16 keys that have ended make room, the oldest end first, if that is enough: they have more bytes than the largest new
-- key. Never a key that is valid, nor the key with the entry `own`. A user who has more than allowed, because an operator has
-- lowered the quota, loses as many bytes as they get.
local function refuseOverUserQuota(at, bytes, own)
  if bytes <= 0 or userQuotaBytes == '0' then return nil end
  local missing = math.min(sweep(userQuotaKey, at) + bytes - tonumber(userQuotaBytes), bytes)
  if missing <= 0 then return nil end
  local going = {}
  for _, entry in ipairs(redis.call('ZRANGE', userKeyEndsKey, '-inf', whole(at), 'BYSCORE', 'LIMIT', 0, 16)) do
    local hash = redis.call('GET', keyIdsKey .. string.match(entry, ':(%S+) '))
    local value = hash and redis.call('GET', apiKeysKey .. hash)
    if value and entry ~= own then
      going[#going + 1] = entry
      missing = missing - sizeOf(value)
      if missing <= 0 then
        for _, one in ipairs(going) do removeKey(at, one) end
        return nil
      end
    end
  end
  return {'user_quota_exceeded'}
end
