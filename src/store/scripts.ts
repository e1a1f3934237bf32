/**
 * The steps that must be atomic, as Lua. Redis runs a script alone, start to end, so nothing can come between its
 * commands; all keys of one script carry the same hash tag, so it runs on one Redis Cluster node.
 *
 * A session's value is `<portalId>\n<JSON>`: the scripts read the first line and move the rest about untouched.
 */
import { keyScripts } from './key-scripts.ts';
import { script } from './script.ts';

const portalOf = `local function portalOf(session) return string.sub(session, 1, string.find(session, '\\n', 1, true) - 1) end`;

/** The positions, from 0, of those API ids in ARGV from `first` on that are not there. */
const unknownOf = `local function unknownOf(apis, first)
       local unknown = {}
       for i = first, #ARGV do
         if redis.call('HEXISTS', apis, ARGV[i]) == 0 then unknown[#unknown + 1] = i - first end
       end
       return unknown
     end`;

export const scripts = {
  /**
   * KEYS portal-slugs, portals, portal-order, apis · ARGV slug, portalId, portal, place in the order, its API ids …
   * → which of the API ids are none, by their position from 0
   */
  createPortal: script(
    4,
    `${unknownOf}
     local unknown = unknownOf(KEYS[4], 5)
     if #unknown > 0 then return {'api_not_found', unpack(unknown)} end
     if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 0 then return {'slug_taken'} end
     redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
     redis.call('ZADD', KEYS[3], 0, ARGV[4])
     return {'ok'}`,
  ),

  /** KEYS portal-slugs, portals · ARGV slug */
  findPortal: script(
    2,
    `local id = redis.call('HGET', KEYS[1], ARGV[1])
     local portal = id and redis.call('HGET', KEYS[2], id)
     if not portal then return {'not_found'} end
     return {'ok', portal}`,
  ),

  /**
   * Writes the next version of a portal, unless what is there is another version than it was made from.
   * KEYS portals, apis · ARGV portalId, version that was read, portal, API ids that are new to it …
   * → which of the API ids are none, by their position from 0
   */
  replacePortal: script(
    2,
    `${unknownOf}
     local before = redis.call('HGET', KEYS[1], ARGV[1])
     if not before then return {'not_found'} end
     if cjson.decode(before).version ~= tonumber(ARGV[2]) then return {'stale'} end
     local unknown = unknownOf(KEYS[2], 4)
     if #unknown > 0 then return {'api_not_found', unpack(unknown)} end
     redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
     return {'ok'}`,
  ),

  /** KEYS portal-slugs, portals, portal-order · ARGV slug, portalId, place in the order */
  deletePortal: script(
    3,
    `if redis.call('HDEL', KEYS[2], ARGV[2]) == 0 then return {'not_found'} end
     redis.call('HDEL', KEYS[1], ARGV[1])
     redis.call('ZREM', KEYS[3], ARGV[3])
     return {'ok'}`,
  ),

  /** KEYS apis, api-order · ARGV apiId, api, place in the order */
  createApi: script(
    2,
    `redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
     redis.call('ZADD', KEYS[2], 0, ARGV[3])
     return {'ok'}`,
  ),

  /** KEYS apis, api-order · ARGV apiId, place in the order */
  deleteApi: script(
    2,
    `if redis.call('HDEL', KEYS[1], ARGV[1]) == 0 then return {'not_found'} end
     redis.call('ZREM', KEYS[2], ARGV[2])
     return {'ok'}`,
  ),

  /** Newest first. KEYS records, order · ARGV place to go on below or '+', how many → place, record, place, record … */
  readPage: script(
    2,
    `local page = {}
     for _, place in ipairs(redis.call('ZRANGE', KEYS[2], ARGV[1], '-', 'BYLEX', 'REV', 'LIMIT', 0, ARGV[2])) do
       page[#page + 1] = place
       page[#page + 1] = redis.call('HGET', KEYS[1], string.match(place, ':(.*)'))
     end
     return page`,
  ),

  /** KEYS root-key-ids, root-keys · ARGV rootKeyId */
  revokeRootKey: script(
    2,
    `local hash = redis.call('HGET', KEYS[1], ARGV[1])
     if not hash then return {'not_found'} end
     redis.call('HDEL', KEYS[1], ARGV[1])
     redis.call('HDEL', KEYS[2], hash)
     return {'ok'}`,
  ),

  /** KEYS portal-slugs, portals, session · ARGV slug, JSON, seconds to live → when it expires, by Redis's own clock */
  createSession: script(
    3,
    `local id = redis.call('HGET', KEYS[1], ARGV[1])
     local portal = id and redis.call('HGET', KEYS[2], id)
     if not portal then return {'portal_not_found'} end
     if not cjson.decode(portal).enabled then return {'portal_disabled'} end
     redis.call('SET', KEYS[3], id .. '\\n' .. ARGV[2], 'EX', ARGV[3])
     return {'ok', redis.call('PEXPIRETIME', KEYS[3])}`,
  ),

  /**
   * The redemption: GETDEL of the session id and SET of the browser session are one step, so two exchanges can never
   * both win, and a crash can never burn an id without giving the session. A closed portal does not burn it either.
   * KEYS session, browser-session, portals, workspace · ARGV seconds to live → when it expires, by Redis's own clock
   */
  exchangeSession: script(
    4,
    `${portalOf}
     local session = redis.call('GET', KEYS[1])
     if not session then return {'session_not_found'} end
     local workspace = redis.call('GET', KEYS[4])
     local portal = redis.call('HGET', KEYS[3], portalOf(session))
     if not workspace or not portal then return {'session_not_found'} end
     if not cjson.decode(workspace).enabled then return {'workspace_disabled'} end
     if not cjson.decode(portal).enabled then return {'portal_disabled'} end
     redis.call('SET', KEYS[2], redis.call('GETDEL', KEYS[1]), 'EX', ARGV[1])
     return {'ok', redis.call('PEXPIRETIME', KEYS[2])}`,
  ),

  /** KEYS browser-session, portals, workspace → session, when it expires, its portal, its workspace */
  findSession: script(
    3,
    `${portalOf}
     local session = redis.call('GET', KEYS[1])
     local workspace = redis.call('GET', KEYS[3])
     local portal = session and redis.call('HGET', KEYS[2], portalOf(session))
     if not workspace or not portal then return {'session_not_found'} end
     return {'ok', session, redis.call('PEXPIRETIME', KEYS[1]), portal, workspace}`,
  ),

  ...keyScripts,
};
