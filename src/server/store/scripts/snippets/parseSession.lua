-- parseSession(value) returns the portal id, the epoch of the portal at creation and the user as JSON.
local function parseSession(value) return string.match(value, '^(.-)\n(.-)\n.-\n(.-)\n') end
