-- Removes keys of one user in an API that was deleted, by their entries in userKeyEnds.
local at = now()
for _, entry in ipairs(entries) do removeKey(at, entry) end
settleIndexes(at, apiId)
return {'ok'}
