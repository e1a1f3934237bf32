-- hasApi(portal, id) tells whether users of the portal can have keys of the API. The portal may have lost it since the caller
-- was authenticated.
local function hasApi(portal, id)
  for _, apiId in ipairs(portal.apiIds) do
    if apiId == id then return true end
  end
  return false
end
