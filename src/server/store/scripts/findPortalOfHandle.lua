-- Finds the portal of the session with this handle. Writes nothing.
local record = redis.call('GET', handleKey)
local portal = record and redis.call('HGET', portalsKey, string.match(record, '^(.-)\n'))
if not portal then return {'not_found'} end
return {'ok', portal}
