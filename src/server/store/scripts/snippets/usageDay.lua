-- partsOf(value) returns the total, the series of quarter hours and the series of minutes or '' of a field of a day.
local function partsOf(value)
  local total, from = string.match(value, aNumber)
  local space = string.find(value, ' ', from, true)
  if not space then return total, string.sub(value, from), '' end
  return total, string.sub(value, from, space - 1), string.sub(value, space + 1)
end
-- parseLogged(field) returns the minute, the API, the key and the outcome of a field of the log.
local function parseLogged(field)
  local minute, api, id, outcome = string.match(field, '^(%d+) (%S+) (%S*) (%u)$')
  return tonumber(minute), api, id, outcome
end
