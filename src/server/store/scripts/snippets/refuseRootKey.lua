-- refuseRootKey() returns the reply of the script if the root key is not valid, else nil.
local function refuseRootKey()
  if redis.call('HEXISTS', rootKeysKey, rootKeyHash) == 0 then return {'root_key_not_found'} end
  local text = redis.call('GET', workspaceKey)
  if not text then return {'workspace_not_found'} end
  if not cjson.decode(text).enabled then return {'workspace_disabled'} end
end
