-- removeKey(at, entry) removes everything about a key of the user, by its entry in userKeyEnds.
local function removeKey(at, entry)
  local created, id, api = string.match(entry, '^(%d+):(%S+) (%S+)$')
  local hash = redis.call('GET', keyIdsKey .. id)
  local value = hash and redis.call('GET', apiKeysKey .. hash)
  -- A removal comes first: Redis accepts no other first write when it is out of memory.
  if hash then
    local rate = apiKeyRatesKey .. hash
    redis.call('DEL', apiKeysKey .. hash, rate, rate .. ofPolicy, keyIdsKey .. id)
  end
  redis.call('ZREM', apiKeyOrdersKey .. api, created .. ':' .. id)
  redis.call('ZREM', keyEndsKey, entry)
  redis.call('ZREM', userKeyOrderKey, created .. ':' .. id)
  redis.call('ZREM', userKeyExpiriesKey .. api, id)
  redis.call('ZREM', userKeyEndsKey, entry)
  removeUsage(at, id, api, tonumber(created))
  if not value then return end
  local f = fieldsOf(value)
  refund(at, sizeOf(value), goneAt(f))
  countScopes(at, f, -1)
end
