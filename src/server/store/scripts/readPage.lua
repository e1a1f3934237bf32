-- Reads a page of records, newest first: place, record, place, record …
-- `from` is '(' and the place below which the page begins, or '+' for the first page.
local page = {'ok'}
for _, place in ipairs(redis.call('ZRANGE', orderKey, from, '-', 'BYLEX', 'REV', 'LIMIT', 0, size)) do
  page[#page + 1] = place
  page[#page + 1] = redis.call('HGET', recordsKey, string.match(place, ':(.*)'))
end
return page
