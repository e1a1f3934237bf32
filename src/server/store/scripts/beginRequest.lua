-- Marks a request as under way, unless something is stored about it already, or the workspace has no room for its response.
local refused = refuseRootKey()
if refused then return refused end
local record = redis.call('GET', idempotencyKey)
if record then return {'known', record} end
refused = refuseOverQuota(now(), 1)
if refused then return refused end
redis.call('SET', idempotencyKey, marker, 'EX', ttlSeconds)
return {'ok'}
