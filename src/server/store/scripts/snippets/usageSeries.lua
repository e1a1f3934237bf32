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
-- addWithin(numbers, last, positions, counts, low, high) adds to the numbers at positions[low] to positions[high], none of them
-- behind the last number. It walks back from the end once: what is late is usually late by a little. The text up to `cut` is not
-- read yet, that up to `stop` is not in `tail` yet, and `left` zeros before it are left of a gap that was split.
local function addWithin(numbers, last, positions, counts, low, high)
  local tail, at, cut, stop, left = {}, last, #numbers, #numbers, 0
  local function put(text) table.insert(tail, 1, text) end
  for i = high, low, -1 do
    local position, isDone = positions[i], false
    while not isDone do
      if left == 0 and cut < 1 then error('a series has fewer numbers than it says') end
      local byte = left == 0 and string.byte(numbers, cut)
      if byte and byte < 97 then
        local start = cut
        while start > 1 and string.byte(numbers, start - 1) >= 65 and string.byte(numbers, start - 1) < 97 do start = start - 1 end
        if at == position then
          put(encode(decode(string.sub(numbers, start, cut)) + counts[position]) .. string.sub(numbers, cut + 1, stop))
          stop, isDone = start - 1, true
        end
        at, cut = at - 1, start - 1
      elseif byte and position <= at - (byte - 96) then at, cut = at - (byte - 96), cut - 1
      elseif byte then
        put(string.sub(numbers, cut + 1, stop))
        cut, stop, left = cut - 1, cut - 1, byte - 96
      elseif position <= at - left then
        put(zeros(left))
        at, left = at - left, 0
      else
        put(encode(counts[position]) .. zeros(at - position))
        at, left, isDone = position - 1, position - 1 - (at - left), true
      end
    end
  end
  return string.sub(numbers, 1, stop) .. zeros(left) .. table.concat(tail)
end
-- addTo(series, positions, counts) returns the series, or '', with the counts by position added. The positions are in order.
local function addTo(series, positions, counts)
  local first, last, numbers
  if series == '' then
    first = positions[1]
    last, numbers = first - 1, ''
  else
    local text, from = string.match(series, aNumber)
    first = decode(text)
    text, from = string.match(series, aNumber, from)
    last, numbers = decode(text), string.sub(series, from)
  end
  local low, high, before, after = 1, #positions, {}, {}
  while low <= high and positions[low] < first do
    before[#before + 1] = encode(counts[positions[low]]) .. zeros((math.min(positions[low + 1] or first, first)) - positions[low] - 1)
    low = low + 1
  end
  while high >= low and positions[high] > last do
    table.insert(after, 1, zeros(positions[high] - math.max(positions[high - 1] or last, last) - 1) .. encode(counts[positions[high]]))
    high = high - 1
  end
  if high >= low then numbers = addWithin(numbers, last, positions, counts, low, high) end
  return encode(math.min(first, positions[1])) .. encode(math.max(last, positions[#positions])) .. table.concat(before)
    .. numbers .. table.concat(after)
end
