-- Records that a server works with the data now, and a time in which none did. The clock may have gone back: the beat does not.
local at = now()
local last = tonumber(redis.call('HGET', datasetKey, 'beat') or 0)
if last > 0 and at - last > tonumber(gapMs) then redis.call('HSET', datasetKey, 'gapFrom', whole(last), 'gapTo', whole(at)) end
local beat = math.max(at, last)
redis.call('HSET', datasetKey, 'format', format, 'beat', whole(beat))
return {'ok', whole(beat)}
