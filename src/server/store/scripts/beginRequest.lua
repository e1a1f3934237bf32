-- Marks a request as under way, unless something is stored about it already, or the workspace has no room for its response.
local refused = refuseRootKey()
if refused then return refused end
local record = redis.call('GET', idempotencyKey)
if record then
  if string.sub(record, 1, #underWay) == underWay then lifeOf(idempotencyKey, tonumber(ttlSeconds)) end
  return {'known', record}
end
refused = refuseOverQuota(now(), 1)
if refused then return refused end
redis.call('SET', idempotencyKey, marker, 'EX', ttlSeconds)
return {'ok'}
