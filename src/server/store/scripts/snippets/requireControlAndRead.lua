-- Does what requireControl.lua does, and reads a record in the same command, because each command has its cost: `record` is its value, or
-- false.
local read = redis.call('MGET', controlSeenKey, recordKey)
local controlSeen, record = read[1] or '0', read[2]
if controlSeen ~= controlVersion then return {'outdated', controlSeen} end
