-- Takes the fetch of a document, unless another process is at it, it failed a moment ago, or another fetch has ended since
-- the caller read the copy: a caller that read before that end and begins after it would fetch for nothing.
local copy = redis.call('HMGET', documentKey, 'urlHash', 'fetchedAt')
if (copy[1] == urlHash and copy[2] or '') ~= fetchedAtRead then return {'fetched'} end
-- It has longer only if the clock of Redis has gone back since it was written.
if redis.call('PTTL', attemptKey) > longestAttemptSeconds * 1000 then redis.call('DEL', attemptKey) end
if not redis.call('SET', attemptKey, marker, 'EX', ttlSeconds, 'NX') then return {'under_way'} end
return {'ok'}
