-- allowsOrigin(portal, origin) tells whether pages of the origin may call the portal. A request that no page of another origin
-- has sent has the origin ''.
local function allowsOrigin(portal, origin)
  if origin == '' then return true end
  for _, allowed in ipairs(portal.allowedOrigins or {}) do
    if allowed == origin then return true end
  end
  return false
end
