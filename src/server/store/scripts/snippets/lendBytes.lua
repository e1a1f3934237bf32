-- lendBytes(hour, most) counts a record of `bytes` that ends in this hour, and lends its process the bytes of more such records: of at
-- most so many, and at most a 128th of what is free. Returns how many bytes are lent, or nil if there is no room for the record. So the
-- quota is never exceeded, and each process can reach it by less than 1 % early. What is lent and not used leaves with its hour.
local function lendBytes(hour, most)
  local free = quotaBytes == '0' and math.huge or quotaBytes - (redis.call('HGET', quotaKey, 'total') or 0) - bytes
  if free < 0 then return nil end
  local records = math.min(most, math.floor(free / 128 / bytes))
  redis.call('HINCRBY', quotaKey, 'total', (records + 1) * bytes)
  redis.call('HINCRBY', quotaKey, hour, (records + 1) * bytes)
  return records * bytes
end
