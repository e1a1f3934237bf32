-- Reads the usage of a user in an API, or of one key: the fields of the log, `field, count, …`, and one part of some days,
-- `day, outcome, text, …`. Both in one step, so that no count is in both or in neither.
local page = {'ok', 0}
local wanted = ' ' .. apiId .. ' ' .. (keyId == '' and '' or keyId .. ' ')
local logged = redis.call('HGETALL', usageLogKey)
for i = 1, #logged, 2 do
  if string.find(logged[i], wanted, 1, true) then
    page[#page + 1] = logged[i]
    page[#page + 1] = logged[i + 1]
  end
end
page[2] = (#page - 2) / 2
local parts = {total = 1, quarters = 2, minutes = 3}
local fields = {}
for i, outcome in ipairs(outcomes) do fields[i] = outcome .. keyId end
for day = tonumber(firstDay), tonumber(lastDay) do
  local stored = redis.call('HMGET', usageDaysKey .. day, unpack(fields))
  for i, value in ipairs(stored) do
    if value then
      page[#page + 1] = day
      page[#page + 1] = outcomes[i]
      page[#page + 1] = (select(parts[part], partsOf(value)))
    end
  end
end
return page
