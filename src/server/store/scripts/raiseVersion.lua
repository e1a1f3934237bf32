-- Raises a version that is stored under versionKey. A later version stays: two processes may raise it in any order.
local stored = redis.call('GET', versionKey) or '0'
if tonumber(stored) >= tonumber(version) then return {'ok', stored} end
redis.call('SET', versionKey, version)
return {'ok', version}
