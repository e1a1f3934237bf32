-- settleLists(records, lists) removes sessions that have ended from lists, and gives the lists the lifetime of their last session.
-- Those that are listed below `deadBelow` have ended, unless a clock was changed: a session that no list has could not be revoked. So
-- their records decide, whose names begin with `records`. One call in some creations of a process is enough: it removes more than were
-- added since the last one.
local function settleLists(records, lists)
  for _, list in ipairs(lists) do
    local dead, names = redis.call('ZRANGE', list, '-', '(' .. deadBelow, 'BYLEX', 'LIMIT', 0, deadAtOnce), {}
    for i, place in ipairs(dead) do names[i] = records .. string.match(place, ':(.*)') end
    if #dead > 0 and redis.call('EXISTS', unpack(names)) > 0 then
      local over = {}
      for i, place in ipairs(dead) do
        if redis.call('EXISTS', names[i]) == 0 then over[#over + 1] = place end
      end
      dead = over
    end
    if #dead > 0 then redis.call('ZREM', list, unpack(dead)) end
    if redis.call('PTTL', list) < listTtlSeconds * 1000 then redis.call('EXPIRE', list, listTtlSeconds) end
  end
end
