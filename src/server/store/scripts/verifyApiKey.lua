-- The whole of a verification: find the API key, decide, limit and count. Its caller has checked the root key and the APIs by the
-- control data. A change of the key comes before or after all of it, never in between.
--
-- The name of the usage record follows from the key, so no caller can know it before. It begins with usageLogsKey, which has the
-- hash tag of the other keys, and so it is in their slot.
local key = redis.call('GET', apiKeyKey)
if not key then return {'NOT_FOUND'} end
local enabled, expires, limit, duration, id, api, user =
  string.match(key, '^%d+ %d+ (%d) %d %d %d+ (%d+) (%d+) (%d+) (%S+) (%S+) (%S+) ')
-- A forward of a key of 0.1.0.
if not api then return {'moved', string.sub(key, 2)} end
if apiId ~= '' and apiId ~= api then return {'NOT_FOUND'} end
if not string.find(knownApis, api, 1, true) then return {'unknown_api', api} end
local time = redis.call('TIME')
local at = time[1] * 1000 + math.floor(time[2] / 1000)
local code, remaining, reset = 'VALID', -1, 0
if enabled == '0' then code = 'DISABLED'
elseif expires ~= '0' and tonumber(expires) <= at then code = 'EXPIRED'
elseif limit ~= '0' then
  limit = tonumber(limit)
  local used = tonumber(redis.call('GET', apiKeyRateKey) or 0)
  if used >= limit then code = 'RATE_LIMITED'
  else used = redis.call('INCR', apiKeyRateKey)
    if used == 1 then redis.call('PEXPIRE', apiKeyRateKey, duration) end
  end
  remaining, reset = math.max(limit - used, 0), redis.call('PEXPIRETIME', apiKeyRateKey)
end
redis.call('SETRANGE', apiKeyKey, 0, at)
countUse(user, api .. ' ' .. id, at, string.sub(code, 1, 1), 1)
return {code, key, remaining, reset}
