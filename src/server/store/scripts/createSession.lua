-- Creates a session, after verifying the root key in the same step. Returns when the session expires, by the clock of Redis.
local refused = refuseRootKey() or refuseOverLimit()
if refused then return refused end
local id = redis.call('HGET', portalSlugsKey, slug)
local text = id and redis.call('HGET', portalsKey, id)
if not text then return {'portal_not_found'} end
local portal = cjson.decode(text)
if not portal.enabled then return {'portal_disabled'} end
if returnOrigin ~= '' and not allowsReturnTo(portal, returnOrigin) then return {'return_url_refused'} end
local epoch = epochOf(portalEpochsKey, id)
redis.call('SET', sessionKey, table.concat({id, epoch, handle, grant}, '\n'), 'EX', ttlSeconds)
redis.call('SET', handleKey, table.concat({id, epoch, 'pending', hash}, '\n'), 'EX', ttlSeconds)
addToIndex(portalSessionsKey, place, deadBelow, indexTtlSeconds)
addToIndex(userSessionsKey, place, deadBelow, indexTtlSeconds)
audit()
return {'ok', redis.call('PEXPIRETIME', sessionKey)}
