-- sizeOfSession(value) is how many bytes a session takes, with its handle and its entries in the indexes.
local function sizeOfSession(value) return #value + sessionOverhead end
