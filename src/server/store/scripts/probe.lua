#!lua
-- Writes nothing. Its flags would allow writes, so Redis refuses the script wherever it would refuse a write: on a replica,
-- out of memory, while loading, when it cannot persist, and with too few replicas. Its caller sends as many bytes as a large
-- write has: Redis compares its memory with the limit before it runs a script, and counts what it has received.
return {'ok'}
