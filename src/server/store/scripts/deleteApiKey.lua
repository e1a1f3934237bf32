-- Removes an API key and its usage.
local refused, portal = refuseSession()
if refused then return refused end
local stored = redis.call('GET', apiKeyKey)
local api = stored and fieldsOf(stored).api
if not stored or not hasApi(portal, api) then return {'not_found'} end
local at = now()
removeKey(at, place .. ' ' .. api)
settleIndexes(at, api)
return {'ok'}
