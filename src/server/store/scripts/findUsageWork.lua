-- Returns what is due in the index of work, by the clock of Redis.
return {'ok', unpack(redis.call('ZRANGE', usageWorkKey, '-inf', whole(now()), 'BYSCORE', 'LIMIT', 0, many))}
