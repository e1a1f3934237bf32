-- What a script does that creates something for a user. recordIdentity() writes the record of a user who has none.
local identityHead = redis.call('GETRANGE', identityKey, 0, 0)
local function recordIdentity()
  if identityHead ~= '' then return end
  redis.call('SET', identityKey, newIdentity)
  redis.call('ZADD', identitiesKey, '0', externalId)
  redis.call('HINCRBY', quotaKey, 'total', #newIdentity + identityOverhead)
end
