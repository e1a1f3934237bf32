-- Removes an API key and its usage, unless it has changed since it was read.
local stored = redis.call('GET', apiKeyKey)
if not stored then return {'not_found'} end
if string.sub(stored, lastUsedLength + 1) ~= textRead then return {'stale'} end
local api, at = fieldsOf(stored).api, now()
removeKey(at, place .. ' ' .. api)
settleIndexes(at, api)
audit()
return {'ok'}
