-- epochOf(epochs, portalId) returns the epoch of a portal. All sessions of an earlier epoch have ended.
local function epochOf(epochs, portalId) return redis.call('HGET', epochs, portalId) or '0' end
