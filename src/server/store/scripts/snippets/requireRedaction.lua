-- Ends the script unless this identity is being removed from the log. `erasing` is the record of the user in a partition, and all
-- erasures at home.
local isErasing
if isHome == '1' then isErasing = redis.call('HEXISTS', erasingKey, identityId) == 1
else isErasing = redis.call('GET', erasingKey) == '!' .. identityId end
if not isErasing then return {'gone'} end
local redacting = redis.call('GET', redactionKey)
if redacting and redacting ~= identityId then return {'busy', redacting} end
local last = redis.call('XREVRANGE', redactedKey, '+', '-', 'COUNT', 1)[1]
local copied = last and last[1] or '0-0'
