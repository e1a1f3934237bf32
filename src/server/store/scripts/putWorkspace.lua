-- Writes a workspace, new or changed. The place where 0.1.0 has root keys stays closed to it, unless it still has some to migrate.
redis.call('SET', workspaceKey, workspace)
if redis.call('EXISTS', oldRootKeysKey) == 0 then redis.call('SET', oldRootKeysKey, lockedOut) end
newVersion()
audit()
return {'ok'}
