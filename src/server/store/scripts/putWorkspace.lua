-- Writes a workspace, new or changed.
redis.call('SET', workspaceKey, workspace)
newVersion()
audit()
return {'ok'}
