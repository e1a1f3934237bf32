-- Removes the bytes of the hours that are over from a quota.
return {'ok', (sweep(quotaKey, now()))}
