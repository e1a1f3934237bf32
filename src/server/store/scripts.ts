/**
 * The steps that must be atomic, as Lua. Redis runs a script alone, start to end, so nothing can come between its
 * commands; all keys of one script carry the same hash tag, so it runs on one Redis Cluster node.
 */
import { configurationScripts } from './scripts/configuration.ts';
import { documentScripts } from './scripts/documents.ts';
import { keyScripts } from './scripts/keys.ts';
import { rateLimitScripts } from './scripts/rate-limits.ts';
import { rootKeyScripts } from './scripts/root-keys.ts';
import { script } from './scripts/script.ts';
import { sessionScripts } from './scripts/sessions.ts';

export const scripts = {
  ...configurationScripts,
  ...rootKeyScripts,
  ...rateLimitScripts,
  ...sessionScripts,
  ...keyScripts,
  ...documentScripts,

  /**
   * Writes nothing. That its flags allow it to is enough for Redis to refuse it wherever a write would be refused: on a
   * replica, out of memory, while loading, where it cannot persist, where it has too few replicas.
   */
  probe: script(0, "#!lua\nreturn {'ok'}"),

  /** KEYS idempotency · ARGV this request's marker, what takes its place or '', seconds to live */
  settleRequest: script(
    1,
    `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {'timed_out'} end
     if ARGV[2] == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3]) end
     return {'ok'}`,
  ),
};
