/**
 * The steps that must be atomic, as Lua. Redis runs a script alone, start to end, so nothing can come between its
 * commands; all keys of one script carry the same hash tag, so it runs on one Redis Cluster node.
 *
 * A session's value is `<portalId>\n<JSON>`: the scripts read the first line and move the rest about untouched.
 */
import { type CommandParser, defineScript } from 'redis';

/** An outcome by name, and whatever it comes with. */
type Outcome = [outcome: string, ...rest: (string | number)[]];

const script = (numberOfKeys: number, source: string) =>
  defineScript({
    NUMBER_OF_KEYS: numberOfKeys,
    SCRIPT: source,
    parseCommand(parser: CommandParser, keys: string[], args: string[]) {
      parser.pushKeys(keys);
      parser.push(...args);
    },
    transformReply: undefined as unknown as () => Outcome,
  });

const portalOf = `local function portalOf(session) return string.sub(session, 1, string.find(session, '\\n', 1, true) - 1) end`;

export const scripts = {
  /** KEYS portal-slugs, portals · ARGV slug, portalId, portal */
  createPortal: script(
    2,
    `if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 0 then return {'slug_taken'} end
     redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
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

  /** Writes back what was read, unless it has changed since. KEYS portals · ARGV portalId, portal as read, portal */
  replacePortal: script(
    1,
    `if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return {'changed'} end
     redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
     return {'ok'}`,
  ),

  /** KEYS portal-slugs, portals · ARGV slug */
  deletePortal: script(
    2,
    `local id = redis.call('HGET', KEYS[1], ARGV[1])
     if not id then return {'not_found'} end
     redis.call('HDEL', KEYS[1], ARGV[1])
     redis.call('HDEL', KEYS[2], id)
     return {'ok', id}`,
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
};
