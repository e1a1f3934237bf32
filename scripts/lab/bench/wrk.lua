-- Sends one POST again and again, or each body of a file once. Environment: HEADERS, lines of `name: value`; BODIES, a file
-- with a body per line; ONCE=1 to stop before the last one. Prints the figures as JSON.
local bodies, position = {}, 0
for line in io.lines(os.getenv('BODIES')) do bodies[#bodies + 1] = line end
local headers = {['Content-Type'] = 'application/json'}
for name, value in string.gmatch(os.getenv('HEADERS'), '([^\n]-): ([^\n]+)') do headers[name] = value end
local once = os.getenv('ONCE') == '1'

function init() for i, body in ipairs(bodies) do bodies[i] = wrk.format('POST', nil, headers, body) end end

function request()
  position = position + 1
  -- Requests are still under way then, and each connection sends one more: their bodies follow.
  if once and position == #bodies - 1000 then wrk.thread:stop() end
  if position > #bodies then position = 1 end
  return bodies[position]
end

function done(summary, latency)
  local failed = 0
  for _, count in pairs(summary.errors) do failed = failed + count end
  io.write(string.format('{"requests":%d,"micros":%d,"failed":%d,"p50":%d,"p99":%d}\n', summary.requests, summary.duration,
    failed, latency:percentile(50), latency:percentile(99)))
end
