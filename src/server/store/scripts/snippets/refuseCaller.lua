-- refuseCaller() returns the reply of the script if its caller is not valid, else nil. A caller of no other type must prove a
-- session. An operator has no credential, so only their workspace must exist.
local function refuseCaller()
  if callerType == 'root_key' then return refuseRootKey() end
  if callerType ~= 'cli' then return (refuseSession()) end
  if not redis.call('GET', workspaceKey) then return {'workspace_not_found'} end
end
