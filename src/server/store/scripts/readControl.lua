-- Reads the control data that a step depends on, with its version and the last version that all partitions have. An empty name
-- reads nothing.
local id = slug == '' and portalId or redis.call('HGET', portalSlugsKey, slug) or ''
return {
  'ok', redis.call('GET', controlKey) or '0', redis.call('GET', publishedKey) or '0', redis.call('GET', workspaceKey) or '',
  rootKeyHash ~= '' and redis.call('HGET', rootKeysKey, rootKeyHash) or '',
  id ~= '' and redis.call('HGET', portalsKey, id) or '', id ~= '' and redis.call('HGET', portalEpochsKey, id) or '0',
  apiId ~= '' and redis.call('HGET', apisKey, apiId) or '',
}
