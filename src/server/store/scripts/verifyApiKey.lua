-- The whole of a verification: find the API key, decide, limit and count. Its caller has checked the root key and the APIs by the
-- control data. A change of the key or of a policy comes before or after all of it, never in between.
--
-- The names of the other records follow from the key. They begin with a key of this script, which has the hash tag of the others, and so
-- they are in their slot. The caller knows some of them, and does not send them: each costs Redis time, also where no limit needs it.
if not record then return {'NOT_FOUND'} end
local enabled, created, expires, limit, duration, id, api, user, ownScopes, ownRanges =
  string.match(record, '^%d+ %d+ (%d) %d %d (%d+) (%d+) (%d+) (%d+) (%S+) (%S+) (%S+) (%S+) (%S+)\n')
-- A forward: the record is in another partition.
if not api then return {'moved', string.sub(record, 2)} end
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
local quotaLimit, periodEnd, most, window, userLimit, userDuration
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
  most, window = rateOf(perKey)
  -- A limit that is not tighter than that of the policy does not matter.
  if most and (limit > most or limit * window > most * duration or limit == most and duration == window) then limit = 0 end
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
elseif limit > 0 or most or userLimit or quotaLimit then
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
  local rates = {}
  local function limitRate(name, allowed, time)
    local used, ends = readCount(name, at + time)
    if used + need > allowed then code = 'RATE_LIMITED' end
    rates[#rates + 1] = {name = name, limit = allowed, duration = time, used = used, ends = ends}
  end
  local apiKeyRate = ofUsersKey .. apiKeyRates .. string.sub(recordKey, -64)
  if limit > 0 then limitRate(apiKeyRate, limit, duration) end
  -- Its own record: what the user changes of the key neither ends nor shortens the window of the policy.
  if most then limitRate(apiKeyRate .. ofPolicy, most, window) end
  if userLimit then limitRate(ofUsersKey .. userRates .. user .. ':' .. api, userLimit, userDuration) end
  local quotaUseKey = quotaLimit and ofUsersKey .. quotaUses .. user .. ':' .. api
  local quotaUsed, quotaEnds
  if quotaLimit then
    quotaUsed, quotaEnds = readCount(quotaUseKey, periodEnd, true)
    if code == 'VALID' and quotaUsed + need > quotaLimit then code = 'USAGE_EXCEEDED' end
  end
  -- A verification that is refused consumes nothing from any limit.
  if code ~= 'VALID' then counted = 0 end
  for i = 1, #rates do
    local rate = rates[i]
    local latest = at + rate.duration
    if counted > 0 then add(rate.name, rate.ends, latest) end
    local left = math.max(rate.limit - rate.used - counted, 0)
    -- The tightest is what the response shows.
    if remaining < 0 or left < remaining then limit, duration, remaining, reset = rate.limit, rate.duration, left, rate.ends or latest end
  end
  if quotaLimit then
    if counted > 0 then add(quotaUseKey, quotaEnds, periodEnd) end
    quotaRemaining = math.max(quotaLimit - quotaUsed - counted, 0)
  end
end
redis.call('SETRANGE', recordKey, '0', whole(at))
countUse(user, api, id, at, string.sub(code, 1, 1), '1')
if remaining < 0 and quotaRemaining < 0 then return {code, record, ofUser or ''} end
return {code, record, ofUser or '', limit, duration, remaining, reset, quotaLimit or 0, quotaRemaining, periodEnd or 0}
