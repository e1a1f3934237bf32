-- Writes the next version of a portal, unless the stored version is not the one it was made from, or it grows in a workspace
-- that is full. A new epoch ends all sessions of a portal that this disables; the reply has the epoch of the sessions before the change.
local refused = refuseManager()
if refused then return refused end
local text = redis.call('HGET', portalsKey, portalId)
if not text then return {'not_found'} end
local before = cjson.decode(text)
if before.version ~= tonumber(versionRead) then return {'stale'} end
local unknown = unknownPositions(apisKey, addedApiIds)
if #unknown > 0 then return {'api_not_found', unpack(unknown)} end
local at, more = now(), #portal - #text
refused = refuseOverQuota(at, more)
if refused then return refused end
redis.call('HSET', portalsKey, portalId, portal)
charge(at, more, 0)
local epoch = redis.call('HGET', portalEpochsKey, portalId) or '0'
local ends = before.enabled and not cjson.decode(portal).enabled
if ends then redis.call('HINCRBY', portalEpochsKey, portalId, 1) end
newVersion()
audit()
return {'ok', ends and epoch or ''}
