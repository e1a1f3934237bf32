-- Writes the new key and the end of the old one in one step, by the clock of Redis. The new key takes the place of the old
-- one, which was active and no longer counts: so a user at the limit can replace a key. A repeated request writes nothing.
local again = repeated()
if again then return again end
local before = redis.call('GET', oldApiKeyKey)
if not before then return {'not_found'} end
if string.sub(before, lastUsedLength + 1) ~= textRead then return {'stale'} end
local f, at = fieldsOf(before), now()
if not isActive(f, at) then return {'retired'} end
local ending = at + tonumber(overlapMs)
if f.expires > 0 and f.expires < ending then ending = f.expires end
local fresh = line(unused, at, '0', newCreatedAt, f.expires, newKeyId, f) .. newJson
local old = line(f.used, at, '1', f.created, ending, f.id, f) .. oldJson
if not makeRoom(at) then return {'no_room'} end
local bytes = sizeOf(fresh) + #old - #before + sizeOfResponse()
local refused = refuseOverQuota(at, bytes) or refuseOverUserQuota(at, bytes)
if refused then return refused end
writeKey(at, newApiKeyKey, fresh, newPlace)
writeKey(at, oldApiKeyKey, old, oldPlace, before)
settleIndexes(at, f.api)
remember(at)
audit()
return {'ok'}
