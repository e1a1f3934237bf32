-- Removes records of 0.1.0, and what the quota at home has for each.
local at = now()
for _, name in ipairs(names) do
  local bytes = overhead ~= '' and redis.call('STRLEN', name) or 0
  local ending = redis.call('PEXPIRETIME', name)
  redis.call('UNLINK', name)
  if bytes > 0 then refund(at, bytes + tonumber(overhead), math.max(ending, 0)) end
end
return {'ok'}
