-- Begins to write a log without a user, or goes on after the last entry that was copied.
if not redacting then
  redis.call('DEL', redactedKey)
  redis.call('SET', redactionKey, identityId)
  copied = '0-0'
end
return {'ok', copied}
