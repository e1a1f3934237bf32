-- refuseOverQuota(at, bytes) returns the reply of the script if the workspace cannot store as many bytes more, else nil.
local function refuseOverQuota(at, bytes)
  if bytes > 0 and quotaBytes ~= '0' and sweep(quotaKey, at) + bytes > tonumber(quotaBytes) then return {'quota_exceeded'} end
end
