-- Reads and writes the value of an API key; keys.ts describes the format.
local function fieldsOf(key)
  local used, updated, enabled, rerolled, expires, limit, duration, id, api, user =
    string.match(key, '^(%d+) (%d+) (%d) (%d) (%d+) (%d+) (%d+) (%S+) (%S+) (%S+)\n')
  return {used = used, enabled = enabled, rerolled = rerolled, expires = tonumber(expires), limit = tonumber(limit),
    duration = tonumber(duration), id = id, api = api, user = user}
end
local function line(used, updated, rerolled, expires, id, f)
  return table.concat({used, whole(updated), f.enabled, rerolled, whole(expires), whole(f.limit), whole(f.duration), id,
    f.api, f.user}, ' ') .. '\n'
end
local unused = '0000000000000'
