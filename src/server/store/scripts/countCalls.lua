-- Counts calls, for rate-limiter-flexible.
return {'ok', countCalls(callsKey, points, seconds)}
