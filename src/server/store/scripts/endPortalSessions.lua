-- Ends all sessions of a portal with a new epoch, however many they are.
local refused = refuseManager()
if refused then return refused end
if redis.call('HEXISTS', portalsKey, portalId) == 0 then return {'not_found'} end
redis.call('HINCRBY', portalEpochsKey, portalId, 1)
newVersion()
audit()
return {'ok'}
