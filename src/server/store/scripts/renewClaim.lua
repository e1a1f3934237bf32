-- Writes the claim of a host name again, if it is the one that its caller has read. So that nobody removes it by what it was.
if redis.call('GET', claimKey) ~= read then return {'changed'} end
redis.call('SET', claimKey, claim)
return {'ok'}
