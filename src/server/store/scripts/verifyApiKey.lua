-- The whole of a verification: find the API key, decide, limit and count. Its caller has checked the root key and the APIs by the
-- control data. A change of the key comes before or after all of it, never in between.
--
-- The name of the usage record follows from the key, so no caller can know it before. It begins with usageLogsKey, which has the
-- hash tag of the other keys, and so it is in their slot.
local key = redis.call('GET', apiKeyKey)
if not key then return {'NOT_FOUND'} end
local f, at = fieldsOf(key), now()
if apiId ~= '' and apiId ~= f.api then return {'NOT_FOUND'} end
if not string.find(knownApis, f.api, 1, true) then return {'unknown_api', f.api} end
local code, remaining, reset = 'VALID', -1, 0
if f.enabled == '0' then code = 'DISABLED'
elseif f.expires > 0 and f.expires <= at then code = 'EXPIRED'
elseif f.limit > 0 then
  local used = tonumber(redis.call('GET', apiKeyRateKey) or 0)
  if used >= f.limit then code = 'RATE_LIMITED'
  else used = redis.call('INCR', apiKeyRateKey)
    if used == 1 then redis.call('PEXPIRE', apiKeyRateKey, whole(f.duration)) end
  end
  remaining, reset = math.max(f.limit - used, 0), redis.call('PEXPIRETIME', apiKeyRateKey)
end
redis.call('SETRANGE', apiKeyKey, 0, whole(at))
countUse(f, at, string.sub(code, 1, 1), 1)
return {code, key, remaining, reset}
