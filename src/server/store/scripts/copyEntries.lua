-- Adds entries to the new log, unless another process has done so meanwhile.
if not redacting or copied ~= after then return {'stale'} end
for i = 1, #idsAndEntries, 2 do redis.call('XADD', redactedKey, idsAndEntries[i], 'entry', idsAndEntries[i + 1]) end
return {'ok'}
