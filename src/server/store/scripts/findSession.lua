-- Finds an active browser session with its portal and its workspace, and counts the call.
local session = redis.call('GET', browserSessionKey)
if not session then return {'session_not_found'} end
local id, epoch = parseSession(session)
local workspace = redis.call('GET', workspaceKey)
local portal = redis.call('HGET', portalsKey, id)
if not workspace or not portal then return {'session_not_found'} end
if pageOrigin ~= '' and not allowsOrigin(cjson.decode(portal), pageOrigin) then return {'origin_refused'} end
if epoch ~= epochOf(portalEpochsKey, id) and cjson.decode(portal).enabled then return {'session_not_found'} end
local refused = refuseOverLimit()
if refused then return refused end
return {'ok', session, redis.call('PEXPIRETIME', browserSessionKey), portal, workspace}
