-- removeUsage(at, id, api, created) removes the usage of a key of the user: its HASHes of the stretches since its creation, and
-- its entries among the user's keys of each day. The usage of its user stays. The work grows with the age of the key, up to
-- about 1,200 names after a year.
local function removeUsage(at, id, api, created)
  local user = usageKey .. 'user:' .. string.match(userKeysKey, '([^:]+)$') .. ':' .. api .. ':'
  local function since(stretchMs, stored)
    -- The key may be used before its creation by the clock of Redis.
    return math.floor(math.max(created - clockSkewMs, at - stored) / stretchMs), math.floor(at / stretchMs)
  end
  for _, row in ipairs(usageLayout) do
    local letter, stretchMs = row[1], row[3]
    local names, first, last = {}, since(stretchMs, letter == 'm' and minutesStoredMs or longestStoredMs)
    for stretch = first, last do names[#names + 1] = usageKey .. 'key:' .. id .. ':' .. letter .. whole(stretch) end
    if #names > 0 then redis.call('UNLINK', unpack(names)) end
  end
  local first, last = since(dayMs, longestStoredMs)
  for day = first, last do redis.call('ZREM', user .. topLetter .. whole(day), id) end
end
