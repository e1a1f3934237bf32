-- countUsage(prefix, fields, at, outcome, minutesTtl, restTtl) counts one verification in every bucket that it belongs to.
-- `fields` are those of the API key, `at` is in ms and the two TTLs are in seconds; usage.ts describes the records.
local function countUsage(prefix, fields, at, outcome, minutesTtl, restTtl)
  local user = prefix .. 'user:' .. fields.user .. ':' .. fields.api .. ':'
  local owners = {user, prefix .. 'key:' .. fields.id .. ':'}
  for _, row in ipairs(usageLayout) do
    local letter, bucket, stretchMs = row[1], row[2], row[3]
    local stretch = math.floor(at / stretchMs)
    local suffix = letter .. whole(stretch)
    local field = math.floor((at - stretch * stretchMs) / bucket) .. outcome
    for _, owner in ipairs(owners) do
      if redis.call('HINCRBY', owner .. suffix, field, 1) == 1 then
        local ttl = letter == 'm' and minutesTtl or restTtl
        redis.call('EXPIREAT', owner .. suffix, whole((stretch + 1) * stretchMs / 1000 + ttl))
      end
    end
  end
  local day = math.floor(at / dayMs)
  local top = user .. topLetter .. whole(day)
  if redis.call('ZINCRBY', top, 1, fields.id) == '1' then
    redis.call('EXPIREAT', top, whole((day + 1) * dayMs / 1000 + restTtl))
  end
end
