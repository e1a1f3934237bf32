-- forgetGone(at, many) removes keys whose records are gone from the lists of their APIs, up to `many`. Redis removes a record without a
-- script, so each script that writes or removes a key calls it, and every server now and then. Returns how many it has found.
local function forgetGone(at, many)
  local gone = redis.call('ZRANGE', keyEndsKey, '-inf', whole(at), 'BYSCORE', 'LIMIT', 0, many)
  for _, entry in ipairs(gone) do
    local place, api = string.match(entry, '^(%S+) (%S+)$')
    redis.call('ZREM', apiKeyOrdersKey .. api, place)
    redis.call('ZREM', keyEndsKey, entry)
  end
  return #gone
end
