-- repeated() returns the reply to a request that has been done before, else nil. remember() stores the response of this
-- request, in the same step as its work. Both do nothing for a request without an Idempotency-Key.
local function repeated()
  local record = responseRecord ~= '' and redis.call('GET', idempotencyKey)
  if record then return {'repeated', record} end
end
local function remember()
  if responseRecord ~= '' then redis.call('SET', idempotencyKey, responseRecord, 'PXAT', responseExpiresAt) end
end
