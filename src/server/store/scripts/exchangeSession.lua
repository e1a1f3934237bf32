-- Turns a session id into a browser session. GETDEL of the session id and SET of the browser session are one step, so two
-- exchanges can never both win, and a crash can never spend an id without creating the browser session. A disabled portal
-- does not spend it either, nor does a page of an origin that the portal does not allow, nor a browser in which another user is
-- signed in.
--
-- For a while the same session id and token get the same reply again: the first reply may never have reached the caller.
-- Returns when the browser session expires, by the clock of Redis.
local session = redis.call('GET', sessionKey)
local again = not session and redis.call('TTL', browserSessionKey) >= tonumber(repeatableAboveSeconds)
if again then session = redis.call('GET', browserSessionKey) end
if not session then return {'session_not_found'} end
local id, epoch, handle, grant = parseSession(session)
local refused = refuseEntry(id, epoch)
if refused then return refused end
if signedInUser ~= '' and signedInUser ~= id .. '\n' .. cjson.decode(grant).externalId then return {'other_user'} end
if again then return {'ok', redis.call('PEXPIRETIME', browserSessionKey)} end
local entry = cjson.decode(auditEntry)
entry.actor.externalId = cjson.decode(grant).externalId
-- Redis does not roll back a failed script, so everything that can fail comes before the first write.
local encoded = cjson.encode(entry)
local at, bytes = now(), sizeOfSession(session)
refund(at, bytes, redis.call('PEXPIRETIME', sessionKey))
redis.call('SET', browserSessionKey, redis.call('GETDEL', sessionKey), 'EX', ttlSeconds)
redis.call('SET', handleKey, table.concat({id, epoch, 'active', tokenHash}, '\n'), 'EX', ttlSeconds)
local ending = redis.call('PEXPIRETIME', browserSessionKey)
charge(at, bytes, ending)
audit(encoded)
return {'ok', ending}
