-- now() is the time of Redis in Unix ms. whole(number) writes a number without an exponent.
local function whole(number) return string.format('%.0f', number) end
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
