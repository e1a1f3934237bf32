-- Marks a request as under way, unless something is stored about it already.
local refused = refuseRootKey()
if refused then return refused end
local record = redis.call('SET', idempotencyKey, marker, 'NX', 'GET', 'EX', ttlSeconds)
if record then return {'known', record} end
return {'ok'}
