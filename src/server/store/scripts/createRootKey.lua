-- Writes a new root key.
redis.call('HSET', rootKeyIdsKey, rootKeyId, hash)
redis.call('HSET', rootKeysKey, hash, record)
audit()
return {'ok'}
