-- Removes a forward if it is the one that its caller has read, and old enough.
if redis.call('GET', forwardKey) ~= read then return {'changed'} end
local claimed = tonumber(string.match(read, ' (%d+)$')) or 0
if math.abs(now() - claimed) < tonumber(minAgeMs) then return {'changed'} end
redis.call('UNLINK', forwardKey)
return {'ok'}
