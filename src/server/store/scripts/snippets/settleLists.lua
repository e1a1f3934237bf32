-- settleLists(lists) removes sessions that have ended for certain from lists, and gives the lists the lifetime of their last session.
-- One call in some creations of a process is enough: it removes more than were added since the last one.
local function settleLists(lists)
  for _, list in ipairs(lists) do
    local dead = redis.call('ZRANGE', list, '-', '(' .. deadBelow, 'BYLEX', 'LIMIT', 0, deadAtOnce)
    if #dead > 0 then redis.call('ZREM', list, unpack(dead)) end
    redis.call('EXPIRE', list, listTtlSeconds)
  end
end
