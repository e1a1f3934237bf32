-- Records that a user is to be erased, once. Its caller is verified here; any process can do the later steps.
local refused = refuseManager()
if refused then return refused end
if redis.call('HSETNX', erasuresKey, identityId, erasure) == 0 then return {'running'} end
audit()
return {'ok'}
