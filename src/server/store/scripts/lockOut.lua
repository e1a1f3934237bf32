-- Moves the root keys from where 0.1.0 finds them, and leaves a text there: every call to a server of 0.1.0 fails, and changes nothing.
if redis.call('TYPE', oldRootKeysKey)['ok'] == 'hash' then
  if redis.call('EXISTS', rootKeysKey) == 1 then return {'written_again'} end
  redis.call('RENAME', oldRootKeysKey, rootKeysKey)
end
redis.call('SET', oldRootKeysKey, lockedOut)
return {'ok'}
