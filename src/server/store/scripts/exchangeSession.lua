-- Turns a session id into a browser session, in one step, so two exchanges can never both win, and a crash can never spend an id without
-- creating the browser session. A disabled portal does not spend it either, nor does a page of an origin that the portal does not
-- allow, nor a browser in which another user is signed in: its caller has checked by the control data which portals the session may be of.
--
-- For a while the same session id and token get the same reply again: the first reply may never have reached the caller.
-- Returns when the browser session expires, by the clock of Redis.
if not record then return {'session_not_found'} end
local expiresAt, portal, who = string.match(record, '^ (%d+)(\n[^\n]*\n)([^\n]*)\n', 65)
local again = expiresAt ~= notExchanged
if string.sub(record, 1, 64) ~= (again and tokenHash or sessionHash) then return {'session_not_found'} end
if again and redis.call('TTL', recordKey) < repeatableAboveSeconds then return {'session_not_found'} end
if not string.find(openPortals, portal, 1, true) then return {'unknown_portal', string.sub(portal, 2, -2)} end
-- A JSON string is never the start of another one.
if signedInUser ~= '' and string.sub(string.match(portal, '%S+') .. '\n' .. who, 1, #signedInUser) ~= signedInUser then
  return {'other_user'}
end
if again then return {'ok', expiresAt} end
-- Only the beginning changes: a value that passes through Lua costs time for each of its bytes.
local pendingUntil = redis.call('PEXPIRETIME', recordKey)
redis.call('EXPIRE', recordKey, browserSessionTtlSeconds)
local ending = redis.call('PEXPIRETIME', recordKey)
redis.call('SETRANGE', recordKey, '0', tokenHash .. string.format(' %d', ending))
-- Its bytes end in another hour.
local hours = string.format('%d>%d', pendingUntil / 3600000, ending / 3600000)
redis.call('HINCRBY', quotaKey, hours, string.format('%d', #record + sessionOverhead))
-- The caller cannot know the user, whom the entry names.
audit(auditEntry .. who .. restOfEntry)
return {'ok', ending}
