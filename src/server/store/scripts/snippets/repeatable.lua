-- repeated() returns the reply to a request that has been done before, or of one that cannot be stored because its caller has
-- stored as many as allowed; else nil. sizeOfResponse() is how many bytes its response takes. remember(at) stores the response,
-- in the same step as the work. All do nothing for a request without an Idempotency-Key.
local function repeated()
  if responseRecord == '' then return nil end
  local record = redis.call('GET', sessionResponseKey)
  if record then return {'repeated', record} end
  if maxResponses ~= '0' and redis.call('SCARD', storedResponsesKey) >= tonumber(maxResponses) then
    return {'too_many_responses'}
  end
end
local function sizeOfResponse() return responseRecord == '' and 0 or #responseRecord + recordOverhead end
local function remember(at)
  if responseRecord == '' then return end
  local expires = responseExpiresAt == '0' and whole(at + responseMs) or responseExpiresAt
  redis.call('SET', sessionResponseKey, responseRecord, 'PXAT', expires)
  if maxResponses ~= '0' then
    redis.call('SADD', storedResponsesKey, (string.match(sessionResponseKey, 'session%-response:(.*)$')))
    redis.call('PEXPIREAT', storedResponsesKey, expires)
  end
  charge(at, sizeOfResponse(), tonumber(expires))
end
