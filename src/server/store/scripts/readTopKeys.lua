-- Reads how often the most used keys of a user in an API were used on some days: `key, count, …`, a pair for each day and for
-- each field of the log.
local page = {'ok'}
local wanted = ' ' .. apiId .. ' '
local function add(id, count)
  page[#page + 1] = id
  page[#page + 1] = count
end
local logged = redis.call('HGETALL', usageLogKey)
for i = 1, #logged, 2 do
  if string.find(logged[i], wanted, 1, true) then
    local minute, _, id = parseLogged(logged[i])
    local day = math.floor(minute / 1440)
    if id ~= '' and day >= tonumber(firstDay) and day <= tonumber(lastDay) then add(id, logged[i + 1]) end
  end
end
for day = tonumber(firstDay), tonumber(lastDay) do
  local top = redis.call('ZRANGE', usageTopsKey .. day, 0, many - 1, 'REV', 'WITHSCORES')
  for i = 1, #top, 2 do add(top[i], top[i + 1]) end
  -- A day with few fields has no such index.
  local fields = #top == 0 and redis.call('HGETALL', usageDaysKey .. day) or {}
  for i = 1, #fields, 2 do
    local id = string.sub(fields[i], 2)
    if id ~= '' then add(id, decode((partsOf(fields[i + 1])))) end
  end
end
return page
