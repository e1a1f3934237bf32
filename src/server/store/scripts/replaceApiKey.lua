-- Writes an API key again, unless it has changed since it was read. A new rate limit starts a new window.
local before = redis.call('GET', apiKeyKey)
if not before then return {'not_found'} end
if string.sub(before, lastUsedLength + 1) ~= textRead then return {'stale'} end
redis.call('SET', apiKeyKey, string.sub(before, 1, lastUsedLength) .. text)
redis.call('ZADD', userKeyExpiryKey, expiryScore, keyId)
if hasNewLimit == '1' then redis.call('DEL', apiKeyRateKey) end
return {'ok'}
