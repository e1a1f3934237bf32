-- Reads and writes the value of an API key; keys.ts describes the format.
local function fieldsOf(key)
  local used, updated, enabled, rerolled, managed, created, expires, limit, duration, id, api, user, scopes, ranges = string.match(key,
    '^(%d+) (%d+) (%d) (%d) (%d) (%d+) (%d+) (%d+) (%d+) (%S+) (%S+) (%S+) (%S+) (%S+)\n')
  return {used = used, enabled = enabled, rerolled = rerolled, managed = managed, created = created, expires = tonumber(expires),
    limit = tonumber(limit), duration = tonumber(duration), id = id, api = api, user = user, scopes = scopes, ranges = ranges}
end
local function line(used, updated, rerolled, created, expires, id, f)
  return table.concat({used, whole(updated), f.enabled, rerolled, f.managed, created, whole(expires), whole(f.limit), whole(f.duration),
    id, f.api, f.user, f.scopes, f.ranges}, ' ') .. '\n'
end
local unused = '0000000000000'
