-- parseSession(value) returns the portal id, the epoch of the portal at creation, the handle and the grant as JSON.
local function parseSession(value) return string.match(value, '^(.-)\n(.-)\n(.-)\n(.*)$') end
