import { audited, script } from './script.ts';

/** The positions, from 0, of those API ids in ARGV from `first` on that are not there. */
const unknownOf = `local function unknownOf(apis, first)
       local unknown = {}
       for i = first, #ARGV do
         if redis.call('HEXISTS', apis, ARGV[i]) == 0 then unknown[#unknown + 1] = i - first end
       end
       return unknown
     end`;

/** Workspaces, root keys, portals and APIs. */
export const configurationScripts = {
  /** KEYS audit, workspace · ARGV …, workspace */
  putWorkspace: audited(
    2,
    `redis.call('SET', KEYS[2], ARGV[4])
     audit()
     return {'ok'}`,
  ),

  /** KEYS audit, root-key-ids, root-keys · ARGV …, rootKeyId, hash, root key */
  createRootKey: audited(
    3,
    `redis.call('HSET', KEYS[2], ARGV[4], ARGV[5])
     redis.call('HSET', KEYS[3], ARGV[5], ARGV[6])
     audit()
     return {'ok'}`,
  ),

  /** KEYS audit, root-key-ids, root-keys · ARGV …, rootKeyId */
  revokeRootKey: audited(
    3,
    `local hash = redis.call('HGET', KEYS[2], ARGV[4])
     if not hash then return {'not_found'} end
     redis.call('HDEL', KEYS[2], ARGV[4])
     redis.call('HDEL', KEYS[3], hash)
     audit()
     return {'ok'}`,
  ),

  /**
   * KEYS audit, portal-slugs, portals, portal-order, apis
   * ARGV …, slug, portalId, portal, place in the order, its API ids …
   * → which of the API ids are none, by their position from 0
   */
  createPortal: audited(
    5,
    `${unknownOf}
     local unknown = unknownOf(KEYS[5], 8)
     if #unknown > 0 then return {'api_not_found', unpack(unknown)} end
     if redis.call('HSETNX', KEYS[2], ARGV[4], ARGV[5]) == 0 then return {'slug_taken'} end
     redis.call('HSET', KEYS[3], ARGV[5], ARGV[6])
     redis.call('ZADD', KEYS[4], 0, ARGV[7])
     audit()
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
   * Writes the next version of a portal, unless what is there is another version than it was made from. Where that
   * switches it off, all of its sessions end: their epoch is over.
   * KEYS audit, portals, apis, portal-epochs, sessions of the portal
   * ARGV …, portalId, version that was read, portal, API ids that are new to it …
   * → which of the API ids are none, by their position from 0
   */
  replacePortal: audited(
    5,
    `${unknownOf}
     local text = redis.call('HGET', KEYS[2], ARGV[4])
     if not text then return {'not_found'} end
     local before = cjson.decode(text)
     if before.version ~= tonumber(ARGV[5]) then return {'stale'} end
     local unknown = unknownOf(KEYS[3], 7)
     if #unknown > 0 then return {'api_not_found', unpack(unknown)} end
     redis.call('HSET', KEYS[2], ARGV[4], ARGV[6])
     if before.enabled and not cjson.decode(ARGV[6]).enabled then
       redis.call('HINCRBY', KEYS[4], ARGV[4], 1)
       redis.call('UNLINK', KEYS[5])
     end
     audit()
     return {'ok'}`,
  ),

  /**
   * KEYS audit, portal-slugs, portals, portal-order, portal-epochs, sessions of the portal, its OpenAPI document
   * ARGV …, slug, portalId, place in the order
   */
  deletePortal: audited(
    7,
    `if redis.call('HDEL', KEYS[3], ARGV[5]) == 0 then return {'not_found'} end
     redis.call('HDEL', KEYS[2], ARGV[4])
     redis.call('ZREM', KEYS[4], ARGV[6])
     redis.call('HDEL', KEYS[5], ARGV[5])
     redis.call('UNLINK', KEYS[6], KEYS[7])
     audit()
     return {'ok'}`,
  ),

  /** KEYS audit, apis, api-order · ARGV …, apiId, api, place in the order */
  createApi: audited(
    3,
    `redis.call('HSET', KEYS[2], ARGV[4], ARGV[5])
     redis.call('ZADD', KEYS[3], 0, ARGV[6])
     audit()
     return {'ok'}`,
  ),

  /** KEYS audit, apis, api-order · ARGV …, apiId, place in the order */
  deleteApi: audited(
    3,
    `if redis.call('HDEL', KEYS[2], ARGV[4]) == 0 then return {'not_found'} end
     redis.call('ZREM', KEYS[3], ARGV[5])
     audit()
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
};
