-- Removes the catalogue of the API apiId, and returns it, or '' if there is none.
local function dropCatalogue()
  local catalogue = redis.call('HGET', scopeCataloguesKey, apiId) or ''
  redis.call('HDEL', scopeCataloguesKey, apiId)
  return catalogue
end
