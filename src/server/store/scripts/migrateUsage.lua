-- Adds to the log of a user what 0.1.0 has counted for a key on a day, once. The id is empty for keys that were deleted. `counts` is
-- text: `<minute since 1970> <outcome> <count>;`, repeated.
if redis.call('SADD', migratedKey, part) == 0 then return {'ok'} end
recordIdentity()
for minute, outcome, count in string.gmatch(counts, '(%d+) (%u) (%d+);') do
  redis.call('HINCRBY', usageLogKey, table.concat({minute, apiId, keyId, outcome}, ' '), count)
end
redis.call('ZADD', usageWorkKey, 'LT', whole(now()), user)
return {'ok'}
