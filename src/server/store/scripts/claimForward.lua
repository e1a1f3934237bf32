-- Writes the forward of a key that an import is about to write, or writes it again: then it lives at least as long as before. A forward to
-- another partition stays, unless it is the one that the caller has found to lead nowhere, and no import can be at it any more.
local stored, at = redis.call('GET', forwardKey), now()
local ends, claimed, again = tonumber(endAt), at, false
if stored then
  local to, before = string.match(stored, '^>(%d+) ?(%d*)$')
  if not to then return {'taken'} end
  before = tonumber(before) or 0
  -- The difference, because the clock may have gone back.
  if to ~= partition and (stored ~= instead or math.abs(at - before) < claimMs) then return {'elsewhere', to, stored} end
  if to == partition then
    local left = redis.call('PEXPIRETIME', forwardKey)
    if left < 0 then ends = 0 elseif ends > 0 then ends = math.max(ends, left) end
    again = true
  end
  -- So that nobody removes it by what it was.
  claimed = math.max(at, before + 1)
end
local forward = '>' .. partition .. ' ' .. whole(claimed)
if ends == 0 then redis.call('SET', forwardKey, forward)
else redis.call('SET', forwardKey, forward, 'PXAT', whole(ends)) end
if again then return {'again', forward} end
return {'ok', forward}
