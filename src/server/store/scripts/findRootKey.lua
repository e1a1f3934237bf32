-- Verifies a root key and returns its record.
return refuseRootKey() or {'ok', redis.call('HGET', rootKeysKey, rootKeyHash)}
