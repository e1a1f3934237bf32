/**
 * The atomic steps on API keys. The value of a key is one line of fields and then its JSON, which the scripts do not read:
 *
 *   <last used, 13 digits> <updated> <enabled 0|1> <rerolled 0|1> <expires, 0 never> <limit, 0 none> <duration> <key id>
 *   <API id> <user>\n<JSON>
 *
 * The last use comes first and has a fixed length: a verification overwrites it in place, and a comparison with what was
 * read leaves it out.
 */
import { verifiesRootKey } from './root-keys.ts';
import { number, script, snippet, text } from './script.ts';
import { countsUsage } from './usage.ts';

/** The length of the last use and the space behind it. */
export const lastUsedLength = 14;

const readsApiKeys = snippet('apiKey', { constants: { lastUsedLength } });

/** What a verification returns of a key that exists. `remaining` is -1 without a rate limit; `reset` is in Unix ms. */
const decided = { key: text, remaining: number, reset: number };

export const keyScripts = {
  createApiKey: script('createApiKey', {
    uses: [readsApiKeys],
    keys: ['apiKey', 'userKeys', 'userKeyOrder', 'userKeyExpiry', 'apis'],
    args: ['maxKeys', 'apiId', 'keyId', 'hash', 'place', 'value', 'expiryScore'],
    outcomes: { ok: {}, api_not_found: {}, limit_exceeded: {} },
  }),
  replaceApiKey: script('replaceApiKey', {
    uses: [readsApiKeys],
    keys: ['apiKey', 'userKeyExpiry', 'apiKeyRate'],
    // `textRead` and `text` are values without the last use; `hasNewLimit` is 0 or 1.
    args: ['textRead', 'text', 'keyId', 'expiryScore', 'hasNewLimit'],
    outcomes: { ok: {}, stale: {}, not_found: {} },
  }),
  deleteApiKey: script('deleteApiKey', {
    keys: ['apiKey', 'userKeys', 'userKeyOrder', 'userKeyExpiry', 'apiKeyRate'],
    args: ['keyId', 'place'],
    outcomes: { ok: {}, not_found: {} },
  }),
  rerollApiKey: script('rerollApiKey', {
    uses: [readsApiKeys],
    keys: ['oldApiKey', 'newApiKey', 'userKeys', 'userKeyOrder', 'userKeyExpiry'],
    args: ['textRead', 'overlapMs', 'maxKeys', 'newKeyId', 'newHash', 'newPlace', 'newJson'],
    outcomes: { ok: {}, stale: {}, not_found: {}, retired: {}, limit_exceeded: {} },
  }),
  verifyApiKey: script('verifyApiKey', {
    uses: [verifiesRootKey, readsApiKeys, countsUsage],
    keys: ['apiKey', 'apiKeyRate', 'apis', 'usage'],
    // `apiId` is the API that the key must be of, or ''. The TTLs are those of the usage by minutes, and of the rest.
    args: ['apiId', 'minutesTtlSeconds', 'restTtlSeconds'],
    outcomes: { VALID: decided, RATE_LIMITED: decided, DISABLED: decided, EXPIRED: decided, NOT_FOUND: {} },
  }),
};
