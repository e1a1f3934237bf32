/**
 * The atomic steps on API keys. A key's value is one line of fields and then its JSON, which the scripts move about
 * untouched:
 *
 *   <last used, 13 digits> <updated> <enabled 0|1> <rerolled 0|1> <expires, 0 never> <limit, 0 none> <duration> <key id>
 *   <API id> <user>\n<JSON>
 *
 * When it was last used stands at its very beginning with a fixed length: a verification overwrites it in place, and
 * whoever compares a key with what they have read leaves it out.
 */
import { refusalLua } from './root-keys.ts';
import { script } from './script.ts';
import { countUsageLua } from './usage.ts';

/** The length of the last use and the space behind it. */
export const lastUsedLength = 14;

const common = `
local function whole(number) return string.format('%.0f', number) end
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function fieldsOf(key)
  local used, updated, enabled, rerolled, expires, limit, duration, id, api, user =
    string.match(key, '^(%d+) (%d+) (%d) (%d) (%d+) (%d+) (%d+) (%S+) (%S+) (%S+)\\n')
  return {used = used, enabled = enabled, rerolled = rerolled, expires = tonumber(expires), limit = tonumber(limit),
    duration = tonumber(duration), id = id, api = api, user = user}
end
local function line(used, updated, rerolled, expires, id, f)
  return table.concat({used, whole(updated), f.enabled, rerolled, whole(expires), whole(f.limit), whole(f.duration), id,
    f.api, f.user}, ' ') .. '\\n'
end
local function score(expires) return expires == 0 and '+inf' or whole(expires) end
local function living(expiries, at) return redis.call('ZCOUNT', expiries, '(' .. whole(at), '+inf') end
local unused = '0000000000000'`;

export const keyScripts = {
  /**
   * KEYS api-key, user-keys, user-key-order, user-key-expiry, apis
   * ARGV most keys, API id, key id, SHA-256, place in the order, key, expiry as a score
   */
  createApiKey: script(
    5,
    `${common}
     if redis.call('HEXISTS', KEYS[5], ARGV[2]) == 0 then return {'api_not_found'} end
     if living(KEYS[4], now()) >= tonumber(ARGV[1]) then return {'limit_exceeded'} end
     redis.call('SET', KEYS[1], ARGV[6])
     redis.call('HSET', KEYS[2], ARGV[3], ARGV[4])
     redis.call('ZADD', KEYS[3], 0, ARGV[5])
     redis.call('ZADD', KEYS[4], ARGV[7], ARGV[3])
     return {'ok'}`,
  ),

  /**
   * Writes a key anew, unless it is not any more what was read. Where its rate limit changes, its window begins anew.
   * KEYS api-key, user-key-expiry, api-key-rate
   * ARGV what was read without the last use, what to write in its place, key id, expiry as a score, new limit 0|1
   */
  replaceApiKey: script(
    3,
    `local before = redis.call('GET', KEYS[1])
     if not before then return {'not_found'} end
     if string.sub(before, ${lastUsedLength + 1}) ~= ARGV[1] then return {'stale'} end
     redis.call('SET', KEYS[1], string.sub(before, 1, ${lastUsedLength}) .. ARGV[2])
     redis.call('ZADD', KEYS[2], ARGV[4], ARGV[3])
     if ARGV[5] == '1' then redis.call('DEL', KEYS[3]) end
     return {'ok'}`,
  ),

  /** KEYS api-key, user-keys, user-key-order, user-key-expiry, api-key-rate · ARGV key id, place in the order */
  deleteApiKey: script(
    5,
    `if redis.call('DEL', KEYS[1]) == 0 then return {'not_found'} end
     redis.call('HDEL', KEYS[2], ARGV[1])
     redis.call('ZREM', KEYS[3], ARGV[2])
     redis.call('ZREM', KEYS[4], ARGV[1])
     redis.call('DEL', KEYS[5])
     return {'ok'}`,
  ),

  /**
   * Writes the new key and the old one's end in one step, by Redis's own clock. The old key does not count towards the
   * limit, or a user with as many as there may be could never replace one.
   * KEYS old api-key, new api-key, user-keys, user-key-order, user-key-expiry
   * ARGV what was read of the old without the last use, overlap in ms, most keys, new key id, SHA-256, place, JSON
   */
  rerollApiKey: script(
    5,
    `${common}
     local before = redis.call('GET', KEYS[1])
     if not before then return {'not_found'} end
     if string.sub(before, ${lastUsedLength + 1}) ~= ARGV[1] then return {'stale'} end
     local f, at = fieldsOf(before), now()
     if f.rerolled == '1' or (f.expires > 0 and f.expires <= at) then return {'retired'} end
     if living(KEYS[5], at) - 1 >= tonumber(ARGV[3]) then return {'limit_exceeded'} end
     local ending = at + tonumber(ARGV[2])
     if f.expires > 0 and f.expires < ending then ending = f.expires end
     redis.call('SET', KEYS[2], line(unused, at, '0', f.expires, ARGV[4], f) .. ARGV[7])
     redis.call('HSET', KEYS[3], ARGV[4], ARGV[5])
     redis.call('ZADD', KEYS[4], 0, ARGV[6])
     local json = string.sub(before, string.find(before, '\\n', 1, true) + 1)
     redis.call('SET', KEYS[1], line(f.used, at, '1', ending, f.id, f) .. json)
     redis.call('ZADD', KEYS[5], score(f.expires), ARGV[4], score(ending), f.id)
     return {'ok'}`,
  ),

  /**
   * The whole of a verification: look up, decide, limit and count. Whatever changes a key comes before it or after it,
   * never in between.
   *
   * The names of the usage follow from the key that is found and from the time, so no caller can know them before. They
   * are made from KEYS[4], which carries the workspace's hash tag, and so lie in the slot of the other keys.
   *
   * KEYS api-key, api-key-rate, apis, what usage begins with, root-keys, workspace, calls
   * ARGV the API it must be of or '', seconds to keep minutes, seconds to keep hours and days, SHA-256 of the root key, limit
   * → code, key, how many are left in the window or -1, when the window ends
   */
  verifyApiKey: script(
    7,
    `${common}
     ${countUsageLua}
     ${refusalLua}
     local refused = refusal(KEYS[5], KEYS[6], KEYS[7], ARGV[4], ARGV[5])
     if refused then return refused end
     local key = redis.call('GET', KEYS[1])
     if not key then return {'NOT_FOUND'} end
     local f, at = fieldsOf(key), now()
     if ARGV[1] ~= '' and ARGV[1] ~= f.api then return {'NOT_FOUND'} end
     if redis.call('HEXISTS', KEYS[3], f.api) == 0 then return {'NOT_FOUND'} end
     local code, remaining, reset = 'VALID', -1, 0
     if f.enabled == '0' then code = 'DISABLED'
     elseif f.expires > 0 and f.expires <= at then code = 'EXPIRED'
     elseif f.limit > 0 then
       local used = tonumber(redis.call('GET', KEYS[2]) or 0)
       if used >= f.limit then code = 'RATE_LIMITED'
       else used = redis.call('INCR', KEYS[2])
         if used == 1 then redis.call('PEXPIRE', KEYS[2], whole(f.duration)) end
       end
       remaining, reset = math.max(f.limit - used, 0), redis.call('PEXPIRETIME', KEYS[2])
     end
     redis.call('SETRANGE', KEYS[1], 0, whole(at))
     countUsage(KEYS[4], f, at, string.sub(code, 1, 1), tonumber(ARGV[2]), tonumber(ARGV[3]))
     return {code, key, remaining, reset}`,
  ),
};
