-- audit(entry) adds an entry to the audit log: auditEntry, unless another one is given. A script calls it where it has changed
-- something, so that there is no change without an entry and no entry without a change. Once in a while the caller asks it to remove
-- what is too old, and to give the log the lifetime of its last entry and an hour more.
local function audit(entry)
  redis.call('XADD', auditKey, 'MAXLEN', '~', auditMaxEntries, '*', 'entry', entry or auditEntry)
  if auditMaxAgeSeconds == '0' then return end
  local oldest = (redis.call('TIME')[1] - auditMaxAgeSeconds) * 1000
  redis.call('XTRIM', auditKey, 'MINID', '~', string.format('%.0f', oldest))
  redis.call('EXPIRE', auditKey, auditMaxAgeSeconds + 3600)
end
