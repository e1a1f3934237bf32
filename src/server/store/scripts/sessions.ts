import { overLua } from './rate-limits.ts';
import { refusalLua } from './root-keys.ts';
import { audited, script } from './script.ts';

/** A session's portal, the portal's epoch at the mint, its handle and its grant. */
const parse = `local function parse(session) return string.match(session, '^(.-)\\n(.-)\\n(.-)\\n(.*)$') end`;

/** A portal's epoch. Sessions of an earlier one have ended, all at once. */
const epochOf = `local function epochOf(epochs, portalId) return redis.call('HGET', epochs, portalId) or '0' end`;

/** Every mint puts one entry into an index and takes up to four out that nothing can live behind any more. */
const index = `local function index(key, place, cutoff, seconds)
       for _, old in ipairs(redis.call('ZRANGE', key, '-', '(' .. cutoff, 'BYLEX', 'LIMIT', 0, 4)) do
         redis.call('ZREM', key, old)
       end
       redis.call('ZADD', key, 0, place)
       redis.call('EXPIRE', key, seconds)
     end`;

/** Whether the portal lets a session lead to this origin: its own return URL's, or one on its list. */
const leadsTo = `local function leadsTo(portal, origin)
       local own = portal.returnUrl or ''
       if own == origin or string.find('/?#', string.sub(own, #origin + 1, #origin + 1), 1, true)
         and string.sub(own, 1, #origin) == origin and #own > #origin then return true end
       for _, allowed in ipairs(portal.allowedReturnOrigins) do
         if allowed == origin then return true end
       end
       return false
     end`;

/**
 * Sessions. A session's value is `<portalId>\n<epoch>\n<handle>\n<JSON>`; what is kept under its handle is
 * `<portalId>\n<epoch>\n<state>\n<hash of the credential>`, for as long as the credential itself.
 */
export const sessionScripts = {
  /**
   * KEYS audit, portal-slugs, portals, portal-epochs, session, handle, sessions of the portal, sessions of the user,
   * root-keys, workspace, calls
   * ARGV …, slug, handle, grant, seconds to live, hash, place in the indexes, places below this are dead, seconds that an
   * index lives, origin of its own return URL or '', SHA-256 of the root key, limit
   * → when it expires, by Redis's own clock
   */
  createSession: audited(
    11,
    `${refusalLua}
     ${epochOf}
     ${index}
     ${leadsTo}
     local refused = refusal(KEYS[9], KEYS[10], KEYS[11], ARGV[13], ARGV[14])
     if refused then return refused end
     local id = redis.call('HGET', KEYS[2], ARGV[4])
     local text = id and redis.call('HGET', KEYS[3], id)
     if not text then return {'portal_not_found'} end
     local portal = cjson.decode(text)
     if not portal.enabled then return {'portal_disabled'} end
     if ARGV[12] ~= '' and not leadsTo(portal, ARGV[12]) then return {'return_url_refused'} end
     local epoch = epochOf(KEYS[4], id)
     redis.call('SET', KEYS[5], table.concat({id, epoch, ARGV[5], ARGV[6]}, '\\n'), 'EX', ARGV[7])
     redis.call('SET', KEYS[6], table.concat({id, epoch, 'pending', ARGV[8]}, '\\n'), 'EX', ARGV[7])
     index(KEYS[7], ARGV[9], ARGV[10], ARGV[11])
     index(KEYS[8], ARGV[9], ARGV[10], ARGV[11])
     audit()
     return {'ok', redis.call('PEXPIRETIME', KEYS[5])}`,
  ),

  /**
   * The redemption: GETDEL of the session id and SET of the browser session are one step, so two exchanges can never
   * both win, and a crash can never burn an id without giving the session. A closed portal does not burn it either.
   *
   * Whoever comes again with what makes the same token gets the same answer for a while: their first may never have
   * reached them.
   * KEYS audit, session, browser-session, portals, workspace, portal-epochs, handle
   * ARGV …, seconds to live, hash of the token, seconds to live below which it is not told again
   * → when it expires, by Redis's own clock
   */
  exchangeSession: audited(
    7,
    `${parse}
     ${epochOf}
     local session = redis.call('GET', KEYS[2])
     local again = not session and redis.call('TTL', KEYS[3]) >= tonumber(ARGV[6])
     if again then session = redis.call('GET', KEYS[3]) end
     if not session then return {'session_not_found'} end
     local id, epoch, handle, grant = parse(session)
     local workspace = redis.call('GET', KEYS[5])
     local portal = redis.call('HGET', KEYS[4], id)
     if not workspace or not portal then return {'session_not_found'} end
     if not cjson.decode(workspace).enabled then return {'workspace_disabled'} end
     if not cjson.decode(portal).enabled then return {'portal_disabled'} end
     if epoch ~= epochOf(KEYS[6], id) then return {'session_not_found'} end
     if again then return {'ok', redis.call('PEXPIRETIME', KEYS[3])} end
     local entry = cjson.decode(ARGV[1])
     entry.actor.externalId = cjson.decode(grant).externalId
     -- Nothing is undone where a script fails: whatever may fail comes before the first write.
     local encoded = cjson.encode(entry)
     redis.call('SET', KEYS[3], redis.call('GETDEL', KEYS[2]), 'EX', ARGV[4])
     redis.call('SET', KEYS[7], table.concat({id, epoch, 'active', ARGV[5]}, '\\n'), 'EX', ARGV[4])
     audit(encoded)
     return {'ok', redis.call('PEXPIRETIME', KEYS[3])}`,
  ),

  /**
   * KEYS browser-session, portals, workspace, portal-epochs, calls · ARGV limit
   * → session, when it expires, its portal, its workspace
   */
  findSession: script(
    5,
    `${parse}
     ${overLua}
     ${epochOf}
     local session = redis.call('GET', KEYS[1])
     if not session then return {'session_not_found'} end
     local id, epoch = parse(session)
     local workspace = redis.call('GET', KEYS[3])
     local portal = redis.call('HGET', KEYS[2], id)
     if not workspace or not portal then return {'session_not_found'} end
     if epoch ~= epochOf(KEYS[4], id) and cjson.decode(portal).enabled then return {'session_not_found'} end
     local refused = over(KEYS[5], ARGV[1])
     if refused then return refused end
     return {'ok', session, redis.call('PEXPIRETIME', KEYS[1]), portal, workspace}`,
  ),

  /** Looks and changes nothing. KEYS handle, portals → the portal of the session with this handle */
  findPortalOfHandle: script(
    2,
    `local record = redis.call('GET', KEYS[1])
     local portal = record and redis.call('HGET', KEYS[2], string.match(record, '^(.-)\\n'))
     if not portal then return {'not_found'} end
     return {'ok', portal}`,
  ),

  /**
   * Ends one session, unless what is under its handle has changed since it was read: it may have been exchanged.
   * KEYS audit, credential, handle, sessions of the portal, sessions of the user
   * ARGV …, place in the indexes, what was read under the handle
   */
  endSession: audited(
    5,
    `local now = redis.call('GET', KEYS[3])
     if now and now ~= ARGV[5] then return {'changed'} end
     redis.call('ZREM', KEYS[4], ARGV[4])
     redis.call('ZREM', KEYS[5], ARGV[4])
     redis.call('DEL', KEYS[3])
     if redis.call('DEL', KEYS[2]) == 0 then return {'not_found'} end
     audit()
     return {'ok'}`,
  ),

  /**
   * Ends all sessions of a portal, however many: their epoch is over. → how many were in the index
   * KEYS audit, portal-slugs, portal-epochs, sessions of the portal · ARGV …, slug
   */
  endPortalSessions: audited(
    4,
    `local id = redis.call('HGET', KEYS[2], ARGV[4])
     local count = redis.call('ZCARD', KEYS[4])
     if not id or count == 0 then return {'ok', 0} end
     redis.call('HINCRBY', KEYS[3], id, 1)
     redis.call('UNLINK', KEYS[4])
     audit()
     return {'ok', count}`,
  ),
};
