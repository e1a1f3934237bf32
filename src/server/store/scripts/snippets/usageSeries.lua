-- Numbers as text, as usage-series.ts describes it. A series is the position of its first number, the position of its last, and
-- the numbers between them. It ends at the last count, so that the next one is usually added at its end.
local aNumber = '^([A-`]*[!-@])()'
local function encode(number)
  local text = string.char(33 + number % 32)
  while number >= 32 do
    number = math.floor(number / 32)
    text = string.char(65 + number % 32) .. text
  end
  return text
end
local function decode(text)
  local number = 0
  for i = 1, #text do number = number * 32 + (string.byte(text, i) - 33) % 32 end
  return number
end
local function zeros(many)
  if many == 0 then return '' end
  return string.rep('~', math.floor((many - 1) / 30)) .. string.char(97 + (many - 1) % 30)
end
-- addWithin(numbers, last, position, count) adds to a number that is not behind the last one. It walks back from the end: a
-- minute that is late is usually late by a few.
local function addWithin(numbers, last, position, count)
  local at, to = last, #numbers
  while true do
    local from, byte = to, string.byte(numbers, to)
    if byte >= 97 then
      local start = at - (byte - 97)
      if position >= start then
        return string.sub(numbers, 1, to - 1) .. zeros(position - start) .. encode(count) .. zeros(at - position)
          .. string.sub(numbers, to + 1)
      end
      at = start
    else
      while from > 1 and string.byte(numbers, from - 1) >= 65 and string.byte(numbers, from - 1) < 97 do from = from - 1 end
      if at == position then
        return string.sub(numbers, 1, from - 1) .. encode(decode(string.sub(numbers, from, to)) + count)
          .. string.sub(numbers, to + 1)
      end
    end
    at, to = at - 1, from - 1
  end
end
-- addTo(series, positions, counts) returns the series, or '', with the counts by position added.
local function addTo(series, positions, counts)
  local first, last, numbers
  if series ~= '' then
    local text, from = string.match(series, aNumber)
    first = decode(text)
    text, from = string.match(series, aNumber, from)
    last, numbers = decode(text), string.sub(series, from)
  end
  for _, position in ipairs(positions) do
    local count = counts[position]
    if not first then first, last, numbers = position, position, encode(count)
    elseif position > last then
      numbers, last = numbers .. zeros(position - last - 1) .. encode(count), position
    elseif position < first then
      numbers, first = encode(count) .. zeros(first - position - 1) .. numbers, position
    else numbers = addWithin(numbers, last, position, count) end
  end
  return encode(first) .. encode(last) .. numbers
end
