-- Puts the value in the place of this request's marker, unless the marker has timed out. An empty value removes it.
if redis.call('GET', idempotencyKey) ~= marker then return {'timed_out'} end
if value == '' then redis.call('DEL', idempotencyKey)
else
  redis.call('SET', idempotencyKey, value, 'EX', ttlSeconds)
  charge(now(), #value + recordOverhead, redis.call('PEXPIRETIME', idempotencyKey))
end
return {'ok'}
