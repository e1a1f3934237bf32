-- Turns a session id into a browser session. GETDEL of the session id and SET of the browser session are one step, so two
-- exchanges can never both win, and a crash can never spend an id without creating the browser session. A disabled portal
-- does not spend it either, nor does a page of an origin that the portal does not allow, nor a browser in which another user is
-- signed in: its caller has checked by the control data which portals the session may be of.
--
-- For a while the same session id and token get the same reply again: the first reply may never have reached the caller.
-- Returns when the browser session expires, by the clock of Redis.
local session, again = redis.call('GET', sessionKey), false
if not session then
  session, again = redis.call('GET', browserSessionKey), true
  if not session or string.sub(session, 1, 64) ~= tokenHash
    or redis.call('TTL', browserSessionKey) < repeatableAboveSeconds then return {'session_not_found'} end
elseif string.sub(session, 1, 64) ~= sessionHash then return {'session_not_found'} end
local expiresAt, portal, who = string.match(session, '^ (%d+)\n([^\n]*)\n([^\n]*)\n', 65)
if not string.find(openPortals, '\n' .. portal .. '\n', 1, true) then return {'unknown_portal', portal} end
-- A JSON string is never the start of another one.
if string.sub(string.match(portal, '^%S+') .. '\n' .. who, 1, #signedInUser) ~= signedInUser then return {'other_user'} end
if again then return {'ok', expiresAt} end
local pendingUntil = redis.call('PEXPIRETIME', sessionKey)
local time = redis.call('TIME')
local ending = (time[1] + browserSessionTtlSeconds) * 1000 + math.floor(time[2] / 1000)
local head = tokenHash .. string.format(' %.0f', ending)
redis.call('SET', browserSessionKey, head .. string.sub(redis.call('GETDEL', sessionKey), 79), 'EX', browserSessionTtlSeconds)
-- Its bytes end in another hour.
local hours = math.floor(pendingUntil / 3600000) .. '>' .. math.floor(ending / 3600000)
redis.call('HINCRBY', quotaKey, hours, #session + sessionOverhead)
-- The caller cannot know the user, whom the entry names.
audit(string.sub(auditEntry, 1, userAt) .. who .. string.sub(auditEntry, userAt + 3))
return {'ok', ending}
