-- audit(entry) adds an entry to the audit log of the workspace: auditEntry, unless another one is given. A script calls it
-- where it has changed something, so that there is no change without an entry and no entry without a change.
local function audit(entry)
  redis.call('XADD', auditKey, 'MAXLEN', '~', auditMaxEntries, '*', 'entry', entry or auditEntry)
  local oldest = (tonumber(redis.call('TIME')[1]) - tonumber(auditMaxAgeSeconds)) * 1000
  redis.call('XTRIM', auditKey, 'MINID', '~', string.format('%.0f', oldest))
  redis.call('EXPIRE', auditKey, auditMaxAgeSeconds)
end
