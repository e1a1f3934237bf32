-- refuseRootKey() counts a call with the root key. Returns the reply of the script if the key is not valid or over its
-- limit, else nil. What the script does after it, it does for a key that was valid in that very moment.
local function refuseRootKey()
  if redis.call('HEXISTS', rootKeysKey, rootKeyHash) == 0 then return {'root_key_not_found'} end
  local text = redis.call('GET', workspaceKey)
  if not text then return {'workspace_not_found'} end
  if not cjson.decode(text).enabled then return {'workspace_disabled'} end
  return refuseOverLimit(callsKey, rootKeyLimit)
end
