-- Writes the record of a user, unless it has changed since it was read, and their policy for verifications.
local stored = redis.call('GET', identityKey)
if stored and string.sub(stored, 1, 1) == '!' then return {'identity_deleting'} end
if (stored or '') ~= textRead then return {'stale'} end
local at, bytes = now(), #text + #policyText - redis.call('STRLEN', identityPolicyKey)
  + (stored and -#stored or identityOverhead)
local refused = refuseOverQuota(at, bytes)
if refused then return refused end
redis.call('SET', identityKey, text)
redis.call('ZADD', identitiesKey, '0', externalId)
if policyText == '' then redis.call('DEL', identityPolicyKey) else redis.call('SET', identityPolicyKey, policyText) end
charge(at, bytes, 0)
audit()
return {'ok'}
