-- Removes a forward of a key, or the claim of a host name, if it is the one that its caller has read, and old enough.
if redis.call('GET', claimKey) ~= read then return {'changed'} end
local claimed = tonumber(string.match(read, ' (%d+)$')) or 0
if math.abs(now() - claimed) < tonumber(minAgeMs) then return {'changed'} end
redis.call('UNLINK', claimKey)
return {'ok'}
