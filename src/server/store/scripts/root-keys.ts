import { overLua } from './rate-limits.ts';
import { script } from './script.ts';

/**
 * \`refusal(rootKeys, workspace, calls, hash, limit)\` → what a script answers where a root key is not good any more or
 * has been used too often, else nil. What a script does after it is done for a key that was good in that very moment.
 */
export const refusalLua = `${overLua}
     local function refusal(rootKeys, workspace, calls, hash, limit)
       if redis.call('HEXISTS', rootKeys, hash) == 0 then return {'root_key_not_found'} end
       local text = redis.call('GET', workspace)
       if not text then return {'workspace_not_found'} end
       if not cjson.decode(text).enabled then return {'workspace_disabled'} end
       return over(calls, limit)
     end`;

export const rootKeyScripts = {
  /**
   * KEYS root-keys, workspace, calls of the root key, by its hash while it is not known · ARGV SHA-256, limit
   * → its record
   */
  findRootKey: script(
    3,
    `${refusalLua}
     local refused = refusal(KEYS[1], KEYS[2], KEYS[3], ARGV[1], ARGV[2])
     return refused or {'ok', redis.call('HGET', KEYS[1], ARGV[1])}`,
  ),
};
