-- refuseManager() returns the reply of a script that writes control data if its caller is not valid, else nil. An operator has no
-- credential, so only their workspace must exist.
local function refuseManager()
  if callerType == 'root_key' then return refuseRootKey() end
  if not redis.call('GET', workspaceKey) then return {'workspace_not_found'} end
end
