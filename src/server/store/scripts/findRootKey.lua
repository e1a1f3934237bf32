-- Verifies a root key, counts the call and returns the record.
return refuseRootKey() or refuseOverLimit() or {'ok', redis.call('HGET', rootKeysKey, rootKeyHash)}
