-- Removes the record of a user except for its id, so that no session and no key is created for them any more.
local stored = redis.call('GET', identityKey)
if stored == '!' .. identityId then return {'ok'} end
local head = '{"identityId":"' .. identityId .. '"'
if not stored or string.sub(stored, 1, #head) ~= head then return {'gone'} end
local bytes = #stored + redis.call('STRLEN', identityPolicyKey) + identityOverhead
redis.call('SET', identityKey, '!' .. identityId)
redis.call('DEL', identityPolicyKey)
refund(now(), bytes, 0)
return {'ok'}
