-- How many keys of a partition carry each scope of an API. The HASH scopeCounts<API> has the number of keys by scope, and under `=`
-- how many of these keys never end. The ZSET scopeEnds<API> has the others, `<key id> <scopes>`, by when they end; then they no longer
-- count. Scopes are encoded as in the value of a key, so none is `=`.
local function addToScopes(api, scopes, many)
  local name = scopeCountsKey .. api
  for scope in string.gmatch(string.sub(scopes, 2), '[^,]+') do
    if redis.call('HINCRBY', name, scope, many) == 0 then redis.call('HDEL', name, scope) end
  end
end
-- Takes keys that have ended out of the counts, up to `most`. Returns how many it found.
local function settleScopes(at, api, most)
  local ended = redis.call('ZRANGE', scopeEndsKey .. api, '-inf', whole(at), 'BYSCORE', 'LIMIT', 0, most)
  for _, entry in ipairs(ended) do
    redis.call('ZREM', scopeEndsKey .. api, entry)
    addToScopes(api, string.match(entry, ' (.*)$'), -1)
  end
  return #ended
end
-- Adds a key to the counts, by its fields; `many` is -1 to remove it. A key that has ended is not in them, or is taken out here.
local function countScopes(at, f, many)
  if f.scopes == '-' then return end
  local entry = f.id .. ' ' .. f.scopes
  if f.expires == 0 then addToScopes(f.api, f.scopes .. ',=', many)
  elseif many < 0 then
    if redis.call('ZREM', scopeEndsKey .. f.api, entry) == 1 then addToScopes(f.api, f.scopes, many) end
  elseif f.expires > at then
    redis.call('ZADD', scopeEndsKey .. f.api, whole(f.expires), entry)
    addToScopes(f.api, f.scopes, many)
  end
  settleScopes(at, f.api, 4)
  -- Without a key that never ends, all counts are zero when the last one ends.
  local names = {scopeCountsKey .. f.api, scopeEndsKey .. f.api}
  local last = redis.call('ZRANGE', names[2], 0, 0, 'REV', 'WITHSCORES')[2]
  for _, name in ipairs(names) do
    if redis.call('HEXISTS', names[1], '=') == 1 then redis.call('PERSIST', name)
    elseif last then redis.call('PEXPIREAT', name, whole(last)) end
  end
end
