-- Reads the newest keys of a user, and how often keys were verified on some days: the first `usedMany` of these, and those that `named`
-- names, `<API id> <key id>`. It returns the values of the keys; the fields of the log of all keys that it knows, `field, count, …`; and
-- the quarter hours of the days, `key id, day, text, …`. All in one step, so that no count is in both or in neither.
local page = {'ok', 0, 0}
local used, isUsed = {}, {}
local function use(api, id)
  used[#used + 1] = {api, id}
  isUsed[id] = true
end
for _, place in ipairs(redis.call('ZRANGE', userKeyOrderKey, '+', '-', 'BYLEX', 'REV', 'LIMIT', 0, many)) do
  local id = string.match(place, ':(.*)')
  local hash = redis.call('GET', keyIdsKey .. id)
  local value = hash and redis.call('GET', apiKeysKey .. hash)
  if value then
    page[#page + 1] = value
    -- The eleventh field; keys.ts describes them.
    if #used < tonumber(usedMany) then use(string.match(value, '^' .. string.rep('%S+ ', 10) .. '(%S+)'), id) end
  end
end
page[2] = #page - 3
for _, key in ipairs(named) do use(string.match(key, '^(%S+) (%S+)$')) end
if #used == 0 then return page end
local logged = redis.call('HGETALL', usageLogKey)
for i = 1, #logged, 2 do
  local _, _, id = parseLogged(logged[i])
  if isUsed[id] then
    page[#page + 1] = logged[i]
    page[#page + 1] = logged[i + 1]
  end
end
page[3] = (#page - 3 - page[2]) / 2
for _, key in ipairs(used) do
  local fields = {}
  for i, outcome in ipairs(outcomes) do fields[i] = outcome .. key[2] end
  for day = tonumber(firstDay), tonumber(lastDay) do
    for _, value in ipairs(redis.call('HMGET', usageDaysKey .. key[1] .. ':' .. day, unpack(fields))) do
      if value then
        page[#page + 1] = key[2]
        page[#page + 1] = day
        page[#page + 1] = (select(2, partsOf(value)))
      end
    end
  end
end
return page
