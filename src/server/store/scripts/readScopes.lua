-- Reads how many keys of a partition carry each scope of an API. Keys that have ended are taken out first, some in each step.
if settleScopes(now(), apiId, settledAtOnce) == settledAtOnce then return {'more'} end
local page = {'ok'}
for _, text in ipairs(redis.call('HGETALL', scopeCountsKey .. apiId)) do page[#page + 1] = text end
return page
