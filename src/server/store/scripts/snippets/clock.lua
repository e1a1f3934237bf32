-- now() is the time of Redis in Unix ms. whole(number) writes a whole number without an exponent. What commands take is text, also
-- where it is a number: Redis writes a number of Lua with all digits of a double, which takes as long as a short command.
local function whole(number) return string.format('%d', number) end
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
