-- Removes keys of a user who is being erased, by their entries in userKeyEnds.
local at = now()
for _, entry in ipairs(entries) do
  removeKey(at, entry)
  local api = string.match(entry, ' (%S+)$')
  expireWith(userKeyExpiriesKey .. api, {userKeyExpiriesKey .. api})
end
return {'ok'}
