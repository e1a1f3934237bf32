-- Moves counts of closed minutes from the log of a user to the records of their days, up to foldedAtOnce of them. It adds, so a
-- minute may come late, in parts or out of order. What it has moved is no longer in the log, so it can run again at any time.
--
-- The names of the days follow from the log. They begin with usageDaysKey, which has the hash tag of the log.
local at = now()
local scanned = redis.call('HSCAN', usageLogKey, cursor, 'COUNT', foldedAtOnce)
local moved, days, isFull = {}, {}, false
local function take(record, name, minute, count)
  local field = record.fields[name]
  if not field then
    field = {total = 0, minutes = {}, counts = {}, quarters = {}, ofQuarters = {}}
    record.fields[name] = field
    record.names[#record.names + 1] = name
  end
  local position = minute - record.day * 1440
  local quarter = math.floor(position / 15)
  if not field.counts[position] then field.minutes[#field.minutes + 1] = position end
  if not field.ofQuarters[quarter] then field.quarters[#field.quarters + 1] = quarter end
  field.counts[position] = (field.counts[position] or 0) + count
  field.ofQuarters[quarter] = (field.ofQuarters[quarter] or 0) + count
  field.total = field.total + count
end
for i = 1, #scanned[2], 2 do
  local minute, api, id, outcome = parseLogged(scanned[2][i])
  if minute < math.floor(at / 60000) then
    if #moved == foldedAtOnce then
      isFull = true
      break
    end
    moved[#moved + 1] = scanned[2][i]
    local day, count = math.floor(minute / 1440), tonumber(scanned[2][i + 1])
    local name = api .. ':' .. day
    local record = days[name]
    if not record then
      record = {day = day, fields = {}, names = {}, byKey = {}}
      days[name] = record
    end
    take(record, outcome, minute, count)
    if id ~= '' then
      take(record, outcome .. id, minute, count)
      record.byKey[id] = (record.byKey[id] or 0) + count
    end
  end
end
-- Before the first write, so that a record that cannot be read loses nothing.
for name, record in pairs(days) do
  local key, ends = usageDaysKey .. name, (record.day + 1) * dayMs
  local stored, values = redis.call('HMGET', key, unpack(record.names)), {}
  for i, fieldName in ipairs(record.names) do
    local field, total, quarters, minutes = record.fields[fieldName], '!', '', ''
    if stored[i] then total, quarters, minutes = partsOf(stored[i]) end
    table.sort(field.minutes)
    table.sort(field.quarters)
    local value = encode(decode(total) + field.total) .. addTo(quarters, field.quarters, field.ofQuarters)
    if ends + minutesStoredMs > at then value = value .. ' ' .. addTo(minutes, field.minutes, field.counts) end
    values[#values + 1] = fieldName
    values[#values + 1] = value
  end
  record.values = values
end
-- A removal comes first: Redis accepts no other first write when it is out of memory.
if #moved > 0 then redis.call('HDEL', usageLogKey, unpack(moved)) end
for name, record in pairs(days) do
  local key, top, ends = usageDaysKey .. name, usageTopsKey .. name, (record.day + 1) * dayMs
  local added = redis.call('HSET', key, unpack(record.values))
  if added > 0 then
    redis.call('PEXPIREAT', key, whole(ends + tonumber(restTtlMs)))
    redis.call('SADD', usageApisKey, (string.match(name, '^(.*):')))
    -- Until the last of its records is gone: a day, or a limit that was used on that day.
    local gone = whole(ends + math.max(tonumber(restTtlMs), longestLimitMs))
    redis.call('PEXPIREAT', usageApisKey, gone, 'NX')
    redis.call('PEXPIREAT', usageApisKey, gone, 'GT')
  end
  if ends + minutesStoredMs > at then redis.call('ZADD', usageWorkKey, whole(ends + minutesStoredMs), user .. ':' .. name) end
  if redis.call('EXISTS', top) == 1 then
    for id, count in pairs(record.byKey) do redis.call('ZINCRBY', top, whole(count), id) end
  elseif redis.call('HLEN', key) > fewFields then
    local fields, sums = redis.call('HGETALL', key), {}
    for i = 1, #fields, 2 do
      local id = string.sub(fields[i], 2)
      if id ~= '' then sums[id] = (sums[id] or 0) + decode((partsOf(fields[i + 1]))) end
    end
    for id, sum in pairs(sums) do redis.call('ZADD', top, whole(sum), id) end
    redis.call('PEXPIREAT', top, whole(ends + tonumber(restTtlMs)))
  end
end
if isFull then return {'more', cursor} end
if scanned[1] ~= '0' then return {'more', scanned[1]} end
if redis.call('EXISTS', usageLogKey) == 0 then redis.call('ZREM', usageWorkKey, user)
else redis.call('ZADD', usageWorkKey, whole(at + loggedMs), user) end
return {'done'}
