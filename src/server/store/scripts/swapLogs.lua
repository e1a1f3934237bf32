-- Puts the new log in the place of the log, with the entries that were added to that meanwhile. `mark` is how an entry names the user.
if not redacting then return {'stale'} end
local rest = redis.call('XRANGE', logKey, '(' .. copied, '+', 'COUNT', carriedAtOnce + 1)
if #rest > carriedAtOnce then return {'more'} end
for _, entry in ipairs(rest) do
  if string.find(entry[2][2], mark, 1, true) then return {'more'} end
end
for _, entry in ipairs(rest) do redis.call('XADD', redactedKey, entry[1], 'entry', entry[2][2]) end
local ttl = redis.call('PTTL', logKey)
if redis.call('EXISTS', redactedKey) == 1 then
  redis.call('RENAME', redactedKey, logKey)
  if ttl > 0 then redis.call('PEXPIRE', logKey, ttl) end
end
redis.call('DEL', redactionKey)
return {'ok'}
