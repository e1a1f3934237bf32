-- refuseEntry(id, epoch) returns the reply of the script if a session of this portal and epoch cannot be used, by the page
-- that sends the request or at all; else nil and the portal.
local function refuseEntry(id, epoch)
  local workspace = redis.call('GET', workspaceKey)
  local text = redis.call('HGET', portalsKey, id)
  if not workspace or not text then return {'session_not_found'} end
  local portal = cjson.decode(text)
  if not allowsOrigin(portal, pageOrigin) then return {'origin_refused'} end
  if not cjson.decode(workspace).enabled then return {'workspace_disabled'} end
  if not portal.enabled then return {'portal_disabled'} end
  if epoch ~= epochOf(portalEpochsKey, id) then return {'session_not_found'} end
  return nil, portal
end
