-- The whole of a verification: find the API key, decide, limit and count. Its caller has checked the root key and the APIs by the
-- control data. A change of the key or of a policy comes before or after all of it, never in between.
--
-- The names of the records of the user follow from the key, so no caller can know them before. They begin with keys of this script,
-- which have the hash tag of the others, and so they are in their slot.
local key = redis.call('GET', apiKeyKey)
if not key then return {'NOT_FOUND'} end
local enabled, created, expires, limit, duration, id, api, user, ownScopes, ownRanges =
  string.match(key, '^%d+ %d+ (%d) %d %d (%d+) (%d+) (%d+) (%d+) (%S+) (%S+) (%S+) (%S+) (%S+)\n')
-- A forward: the record is in another partition.
if not api then return {'moved', string.sub(key, 2)} end
if apiId ~= '' and apiId ~= api then return {'NOT_FOUND'} end
local policyApi, ofApi, periodName, periodStart, nextStart, nextEnd = '', ''
if governed ~= '' then
  policyApi, ofApi, periodName, periodStart, nextStart, nextEnd =
    string.match(governed, '^(%S+) (%S+ %S+ %S+ %S+ %S+ %S+) (%S+) (%d+) (%d+) (%d+)$')
end
if policyApi ~= api and not string.find(knownApis, api, 1, true) then return {'unknown_api', api} end
local at = now()
limit, duration, expires = tonumber(limit), tonumber(duration), tonumber(expires)

local ofUser = redis.call('GET', ofUsersKey .. identityPolicies .. user)
local quotaLimit, periodEnd, userLimit, userDuration
local scopes, ranges = '-', '-'
-- Most keys have no policy, so they do not pay for one.
if ofUser or policyApi == api then
  definePolicies()
  local perKey, perUser, quota, lifetime, period
  perKey, perUser, quota, lifetime, scopes, ranges = policyOf(policyApi == api and ofApi or '', ofUser)
  -- The quota and the end of its period. The caller passes a period and the one after it, because only it knows time zones.
  quotaLimit, period = string.match(quota, '^(%d+),(.*)$')
  if quotaLimit then
    quotaLimit = tonumber(quotaLimit)
    if period ~= periodName or at < tonumber(periodStart) or at >= tonumber(nextEnd) then return {'unknown_period', period, at} end
    periodEnd = tonumber(nextStart)
    if at >= periodEnd then periodEnd = tonumber(nextEnd) end
  end
  local most, window = rateOf(perKey)
  if most and (limit == 0 or limit > most or limit * window > most * duration) then limit, duration = most, window end
  userLimit, userDuration = rateOf(perUser)
  local longest = tonumber(lifetime)
  if longest and (expires == 0 or expires > created + longest) then expires = created + longest end
end
-- What the caller asks: the cost, the wanted sets of scopes and the address.
local cost, wantedScopes, ip = '1', '', ''
if asked ~= '' then cost, wantedScopes, ip = string.match(asked, '^(%d+) (%S*) (%S*)$') end
if wantedScopes ~= '' or ownRanges ~= '-' then definePolicies() end

local remaining, reset, quotaRemaining = -1, 0, -1
local code = 'VALID'
if enabled == '0' then code = 'DISABLED'
elseif expires ~= 0 and expires <= at then code = 'EXPIRED'
elseif (ownRanges ~= '-' or ranges ~= '-') and not isFrom(ip, ownRanges, ranges) then code = 'FORBIDDEN'
elseif wantedScopes ~= '' and not hasScopes(wantedScopes, ownScopes, scopes) then code = 'INSUFFICIENT_PERMISSIONS'
elseif limit > 0 or userLimit or quotaLimit then
  -- readCount(name, latest, isPeriod) returns what a window or a period has used, and when it ends. A record that ends later is of a policy with
  -- a longer window, and one of a period that does not end then is of another period: both count as none.
  local function readCount(name, latest, isPeriod)
    local used = redis.call('GET', name)
    if not used then return 0 end
    local ends = redis.call('PEXPIRETIME', name)
    if ends > latest or isPeriod and ends ~= latest then return 0 end
    return tonumber(used), ends
  end
  local function add(name, ends, latest)
    if ends then redis.call('INCRBY', name, cost)
    else redis.call('SET', name, cost, 'PXAT', whole(latest)) end
  end
  -- A cost of 0 asks whether a cost of 1 is left.
  local need, counted = math.max(tonumber(cost), 1), tonumber(cost)
  local userRateKey = userLimit and ofUsersKey .. userRates .. user .. ':' .. api
  local quotaUseKey = quotaLimit and ofUsersKey .. quotaUses .. user .. ':' .. api
  local used, ends, userUsed, userEnds, quotaUsed, quotaEnds = 0, nil, 0, nil, 0, nil
  if limit > 0 then used, ends = readCount(apiKeyRateKey, at + duration) end
  if userLimit then userUsed, userEnds = readCount(userRateKey, at + userDuration) end
  if quotaLimit then quotaUsed, quotaEnds = readCount(quotaUseKey, periodEnd, true) end
  if limit > 0 and used + need > limit or userLimit and userUsed + need > userLimit then code = 'RATE_LIMITED'
  elseif quotaLimit and quotaUsed + need > quotaLimit then code = 'USAGE_EXCEEDED' end
  -- A verification that is refused consumes nothing from any limit.
  if code ~= 'VALID' then counted = 0 end
  if counted > 0 then
    if limit > 0 then add(apiKeyRateKey, ends, at + duration) end
    if userLimit then add(userRateKey, userEnds, at + userDuration) end
    if quotaLimit then add(quotaUseKey, quotaEnds, periodEnd) end
  end
  if limit > 0 then remaining, reset = math.max(limit - used - counted, 0), ends or at + duration end
  if userLimit then
    local left = math.max(userLimit - userUsed - counted, 0)
    -- The tighter of both is what the response shows.
    if limit == 0 or left < remaining then
      limit, duration, remaining, reset = userLimit, userDuration, left, userEnds or at + userDuration
    end
  end
  if quotaLimit then quotaRemaining = math.max(quotaLimit - quotaUsed - counted, 0) end
end
redis.call('SETRANGE', apiKeyKey, 0, at)
countUse(user, api .. ' ' .. id, at, string.sub(code, 1, 1), 1)
if remaining < 0 and quotaRemaining < 0 then return {code, key, ofUser or ''} end
return {code, key, ofUser or '', limit, duration, remaining, reset, quotaLimit or 0, quotaRemaining, periodEnd or 0}
