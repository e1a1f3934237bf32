-- allowsReturnTo(portal, origin) tells whether a session of the portal may return there: to the origin of the portal's own
-- return URL, or to an origin on its list.
local function allowsReturnTo(portal, origin)
  local own = portal.returnUrl or ''
  if own == origin or string.find('/?#', string.sub(own, #origin + 1, #origin + 1), 1, true)
    and string.sub(own, 1, #origin) == origin and #own > #origin then return true end
  for _, allowed in ipairs(portal.allowedReturnOrigins) do
    if allowed == origin then return true end
  end
  return false
end
