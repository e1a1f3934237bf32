-- Ends the script unless the user is being erased as this identity. Afterwards, a user of the same name is another one.
if redis.call('GET', identityKey) ~= '!' .. identityId then return {'gone'} end
