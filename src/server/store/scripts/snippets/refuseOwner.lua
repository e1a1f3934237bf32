-- refuseOwner() returns the reply of a script that writes records of a user if its caller is not valid, else nil: a session must
-- exist; the root key of another caller was checked by the control data.
local function refuseOwner()
  if callerType == 'user' then return refuseSession() end
  return refuseOutdated()
end
