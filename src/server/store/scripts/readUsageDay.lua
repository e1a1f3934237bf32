-- Reads a day of a user in an API: the fields of the log of that day, `field, count, …`, and those of its record, both in one
-- step, so that no count is in both or in neither.
local page = {'ok', 0}
local wanted = ' ' .. apiId .. ' '
local logged = redis.call('HGETALL', usageLogKey)
for i = 1, #logged, 2 do
  if string.find(logged[i], wanted, 1, true) and math.floor(parseLogged(logged[i]) / 1440) == tonumber(day) then
    page[#page + 1] = logged[i]
    page[#page + 1] = logged[i + 1]
  end
end
page[2] = (#page - 2) / 2
for _, part in ipairs(redis.call('HGETALL', usageDayKey)) do page[#page + 1] = part end
return page
