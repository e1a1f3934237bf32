-- Removes an API key and its usage.
local stored = redis.call('GET', apiKeyKey)
if not stored then return {'not_found'} end
local api, at = fieldsOf(stored).api, now()
removeKey(at, place .. ' ' .. api)
settleIndexes(at, api)
return {'ok'}
