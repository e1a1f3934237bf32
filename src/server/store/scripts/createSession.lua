-- Creates a session, after verifying the root key in the same step. Returns when the session expires, by the clock of Redis.
local refused = refuseRootKey() or refuseOverLimit()
if refused then return refused end
local id = redis.call('HGET', portalSlugsKey, slug)
local text = id and redis.call('HGET', portalsKey, id)
if not text then return {'portal_not_found'} end
local portal = cjson.decode(text)
if not portal.enabled then return {'portal_disabled'} end
if returnOrigin ~= '' and not allowsReturnTo(portal, returnOrigin) then return {'return_url_refused'} end
local epoch, at = epochOf(portalEpochsKey, id), now()
local session = table.concat({id, epoch, handle, grant}, '\n')
refused = refuseOverSessions() or refuseOverQuota(at, sizeOfSession(session))
if refused then return refused end
redis.call('SET', sessionKey, session, 'EX', ttlSeconds)
redis.call('SET', handleKey, table.concat({id, epoch, 'pending', hash}, '\n'), 'EX', ttlSeconds)
addToIndex(portalSessionsKey, place, deadBelow, indexTtlSeconds)
addToIndex(userSessionsKey, place, deadBelow, indexTtlSeconds)
local ending = redis.call('PEXPIRETIME', sessionKey)
charge(at, sizeOfSession(session), ending)
audit()
return {'ok', ending}
