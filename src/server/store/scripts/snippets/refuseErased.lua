-- refuseErased() returns the reply of the script if the user is being erased, or if there is no room for a new one; else nil.
local function refuseErased()
  if identityHead == '!' then return {'identity_deleting'} end
  if identityHead ~= '' or quotaBytes == '0' then return nil end
  local total = (redis.call('HGET', quotaKey, 'total') or 0) + #newIdentity + identityOverhead
  if total > tonumber(quotaBytes) then return {'quota_exceeded'} end
end
