-- Creates a session. Its caller has checked the root key, the portal and the return URL by the control data. Returns when the
-- session expires, by the clock of Redis.
local refused = refuseOutdated() or refuseOverSessions()
if refused then return refused end
local at = now()
local ending = at + ttlSeconds * 1000
refused = refuseOverQuota(at, sizeOfSession(session))
if refused then return refused end
redis.call('SET', sessionKey, session, 'EX', ttlSeconds)
redis.call('SET', handleKey, handleRecord, 'EX', ttlSeconds)
redis.call('ZADD', portalSessionsKey, 0, place)
redis.call('ZADD', userSessionsKey, 0, place)
if isSettling == '1' then settleIndex(portalSessionsKey) end
if redis.call('ZCARD', userSessionsKey) > fewSessions then settleIndex(userSessionsKey)
else redis.call('EXPIRE', userSessionsKey, indexTtlSeconds) end
charge(at, sizeOfSession(session), ending)
audit()
return {'ok', ending}
