-- Policies, as policies.ts writes them. A script calls definePolicies before it calls what this defines: the functions themselves would
-- cost every call of a script that needs none of them.
local policyOf, rateOf, isIn, isFrom, hasScopes
local function definePolicies()
  local sixWords = '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+)$'
  -- policyOf(ofApi, ofUser) returns the six words of what holds for a user in an API. Each policy can be missing: '' or false.
  policyOf = function(ofApi, ofUser)
    if not ofUser then return string.match(ofApi, sixWords) end
    local words = {string.match(ofUser, sixWords)}
    local others = {string.match(ofApi, sixWords)}
    for i = 1, 6 do
      if words[i] == '-' then words[i] = others[i] or '-' end
    end
    return unpack(words)
  end
  -- rateOf(word) returns the limit and the duration of a rate limit, or nil.
  rateOf = function(word)
    local limit, duration = string.match(word, '^(%d+)/(%d+)$')
    return tonumber(limit), tonumber(duration)
  end
  -- isIn(address, ranges) says whether an address, which can be '', is in one of the ranges.
  isIn = function(address, ranges)
    for network, bits in string.gmatch(ranges, '(%w+)/(%d+)') do
      local digits, rest = 1 + math.floor(bits / 4), bits % 4
      if string.sub(address, 1, digits) == string.sub(network, 1, digits) then
        if rest == 0 then return true end
        local one, other = tonumber(string.sub(address, digits + 1, digits + 1), 16), tonumber(string.sub(network, digits + 1), 16)
        local unit = 2 ^ (4 - rest)
        if math.floor(one / unit) == math.floor(other / unit) then return true end
      end
    end
    return false
  end
  -- isFrom(address, own, allowed) says whether a key with the ranges `own` can be used from an address under a policy.
  isFrom = function(address, own, allowed)
    if own ~= '-' then
      if not isIn(address, own) then return false end
    elseif string.sub(allowed, 1, 8) == 'required' then return false
    end
    return not string.find(allowed, '/', 1, true) or isIn(address, allowed)
  end
  -- hasScopes(wanted, own, allowed) says whether a key with the scopes `own` has all of one of the wanted sets under a policy. The sets
  -- are separated by '|'.
  hasScopes = function(wanted, own, allowed)
    local list = ',' .. string.sub(own, 2) .. ','
    local offered = allowed == 'none' and list or ',' .. string.sub(allowed, 2) .. ','
    for set in string.gmatch(wanted, '[^|]+') do
      local has = true
      for scope in string.gmatch(set, '[^,]+') do
        local one = ',' .. scope .. ','
        has = has and string.find(list, one, 1, true) and string.find(offered, one, 1, true)
      end
      if has then return true end
    end
    return false
  end
end
