-- Records that a server works with the data now, and a time in which none did. The clock may have gone back: the beat does not. A later
-- version may have written another format since the server has read it: that format stays.
local written = redis.call('HGET', datasetKey, 'format')
if written and written ~= format then return {'other_format', written} end
local at = now()
local last = tonumber(redis.call('HGET', datasetKey, 'beat') or 0)
if last > 0 and at - last > tonumber(gapMs) then redis.call('HSET', datasetKey, 'gapFrom', whole(last), 'gapTo', whole(at)) end
local beat = math.max(at, last)
redis.call('HSET', datasetKey, 'format', format, 'beat', whole(beat))
return {'ok', whole(beat)}
