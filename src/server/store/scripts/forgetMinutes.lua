-- Removes the minutes of some fields of a day whose minutes are no longer stored. After the last ones it removes the entry in
-- the index of work.
local scanned, changed = redis.call('HSCAN', usageDayKey, cursor, 'COUNT', foldedAtOnce), {}
for i = 1, #scanned[2], 2 do
  local space = string.find(scanned[2][i + 1], ' ', 1, true)
  if space then
    changed[#changed + 1] = scanned[2][i]
    changed[#changed + 1] = string.sub(scanned[2][i + 1], 1, space - 1)
  end
end
if #changed > 0 then redis.call('HSET', usageDayKey, unpack(changed)) end
if scanned[1] ~= '0' then return {'more', scanned[1]} end
redis.call('ZREM', usageWorkKey, entry)
return {'done'}
