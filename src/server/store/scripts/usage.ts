/**
 * How usage lies in Redis. A HASH holds the buckets of a stretch of time, so that many small numbers share the cost of
 * one key: the minutes of an hour, the hours of a day, the days of ten days. Its field is the bucket's position in the
 * stretch and the first letter of the outcome, such as `17V`. The name ends with the letter of the granularity and the
 * number of the stretch since 1970, and each HASH goes by itself when its last bucket is older than it is to be kept.
 */

const hour = 3_600_000;

/** The letter of each granularity, how long a bucket is and how long a stretch, in ms. */
export const layout = {
  minute: { letter: 'm', bucket: 60_000, stretch: hour },
  hour: { letter: 'h', bucket: hour, stretch: 24 * hour },
  day: { letter: 'd', bucket: 24 * hour, stretch: 240 * hour },
} as const;

/** What the name of a user's ZSET of keys by use ends with, in front of the day's number. */
export const topLetter = 't';

const rows = Object.values(layout)
  .map(({ letter, bucket, stretch }) => `{'${letter}', ${bucket}, ${stretch}}`)
  .join(', ');

/** `countUsage(prefix, key's fields, time in ms, outcome, seconds to keep minutes, seconds to keep the rest)` in Lua. */
export const countUsageLua = `
local layout = {${rows}}
local function countUsage(prefix, f, at, outcome, keepMinutes, keepRest)
  local user = prefix .. 'user:' .. f.user .. ':' .. f.api .. ':'
  for _, owner in ipairs({user, prefix .. 'key:' .. f.id .. ':'}) do
    for _, row in ipairs(layout) do
      local stretch = math.floor(at / row[3])
      local name = owner .. row[1] .. whole(stretch)
      local position = math.floor((at - stretch * row[3]) / row[2])
      if redis.call('HINCRBY', name, position .. outcome, 1) == 1 then
        local keep = row[1] == 'm' and keepMinutes or keepRest
        redis.call('EXPIREAT', name, whole((stretch + 1) * row[3] / 1000 + keep))
      end
    end
  end
  local day = math.floor(at / ${24 * hour})
  local top = user .. '${topLetter}' .. whole(day)
  if redis.call('ZINCRBY', top, 1, f.id) == '1' then
    redis.call('EXPIREAT', top, whole((day + 1) * ${24 * 3600} + keepRest))
  end
end`;
