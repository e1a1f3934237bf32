-- unknownPositions(apis, ids) returns the positions, from 0, of the API ids that do not exist.
local function unknownPositions(apis, ids)
  local unknown = {}
  for i, id in ipairs(ids) do
    if redis.call('HEXISTS', apis, id) == 0 then unknown[#unknown + 1] = i - 1 end
  end
  return unknown
end
