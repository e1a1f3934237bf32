#!lua
-- Writes nothing. Its flags would allow writes, so Redis refuses the script wherever it would refuse a write: on a replica,
-- out of memory, while loading, when it cannot persist, and with too few replicas.
return {'ok'}
