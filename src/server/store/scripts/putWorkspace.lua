-- Writes a workspace, new or changed.
redis.call('SET', workspaceKey, workspace)
audit()
return {'ok'}
