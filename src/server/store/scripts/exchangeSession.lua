-- Turns a session id into a browser session. GETDEL of the session id and SET of the browser session are one step, so two
-- exchanges can never both win, and a crash can never spend an id without creating the browser session. A disabled portal
-- does not spend it either, nor does a page of an origin that the portal does not allow, nor a browser in which another user is
-- signed in: its caller has checked by the control data which portals the session may be of.
--
-- For a while the same session id and token get the same reply again: the first reply may never have reached the caller.
-- Returns when the browser session expires, by the clock of Redis.
local refused = refuseOutdated()
if refused then return refused end
local session = redis.call('GET', sessionKey)
local again = not session and redis.call('TTL', browserSessionKey) >= tonumber(repeatableAboveSeconds)
if again then session = redis.call('GET', browserSessionKey) end
if not session then return {'session_not_found'} end
local id, epoch, user = parseSession(session)
if not string.find(openPortals, '\n' .. id .. ' ' .. epoch .. '\n', 1, true) then return {'unknown_portal', id, epoch} end
if signedInUser ~= '' and signedInUser ~= id .. '\n' .. user then return {'other_user'} end
if again then return {'ok', redis.call('PEXPIRETIME', browserSessionKey)} end
local at = now()
local ending = at + ttlSeconds * 1000
move(at, sizeOfSession(session), redis.call('PEXPIRETIME', sessionKey), ending)
redis.call('SET', browserSessionKey, redis.call('GETDEL', sessionKey), 'EX', ttlSeconds)
redis.call('SET', handleKey, table.concat({id, epoch, 'active', tokenHash}, '\n'), 'EX', ttlSeconds)
-- The caller cannot know the user, whom the entry names.
audit(string.sub(auditEntry, 1, userAt) .. user .. string.sub(auditEntry, userAt + 3))
return {'ok', ending}
