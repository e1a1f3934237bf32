-- Reads the response that a script has stored. It may contain a secret, so a session that has ended does not get it.
local record = redis.call('GET', sessionResponseKey)
if not record then return {'not_found'} end
return {'ok', record}
