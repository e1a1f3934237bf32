-- Removes keys whose records are gone from the lists of a partition.
return {'ok', forgetGone(now(), tonumber(many))}
