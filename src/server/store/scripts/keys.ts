/**
 * The atomic steps on API keys. The value of a key is one line of fields and then its JSON, which the scripts do not read:
 *
 *   <last used, 13 digits> <updated> <enabled 0|1> <rerolled 0|1> <expires, 0 never> <limit, 0 none> <duration> <key id>
 *   <API id> <user>\n<JSON>
 *
 * The last use comes first and has a fixed length: a verification overwrites it in place, and a comparison with what was
 * read leaves it out.
 */
import { verifiesRootKey, verifiesSession } from './callers.ts';
import { remembersResponse } from './idempotency.ts';
import { limitsCalls } from './rate-limits.ts';
import { number, script, snippet, text } from './script.ts';
import { countsUsage } from './usage.ts';

/** The length of the last use and the space behind it. */
export const lastUsedLength = 14;

const readsApiKeys = snippet('apiKey', { constants: { lastUsedLength } });
/** Whether the portal of the session still has an API. */
const checksApis = snippet('hasApi');
const indexesActiveKeys = snippet('activeKeys', { keys: ['userKeyExpiry'] });
/** Limits the active keys of a user in an API. */
const limitsActiveKeys = snippet('refuseOverKeyLimit', { args: ['maxKeys'], outcomes: { limit_exceeded: {} } });

/** What a verification returns of a key that exists. `remaining` is -1 without a rate limit; `reset` is in Unix ms. */
const decided = { key: text, remaining: number, reset: number };

export const keyScripts = {
  createApiKey: script('createApiKey', {
    uses: [verifiesSession, checksApis, readsApiKeys, indexesActiveKeys, limitsActiveKeys, remembersResponse],
    keys: ['apiKey', 'userKeys', 'userKeyOrder', 'apis'],
    args: ['hash', 'place', 'value'],
    outcomes: { ok: {}, api_not_found: {} },
  }),
  replaceApiKey: script('replaceApiKey', {
    uses: [verifiesSession, checksApis, readsApiKeys, indexesActiveKeys, limitsActiveKeys],
    keys: ['apiKey', 'apiKeyRate'],
    // `textRead` and `text` are values without the last use.
    args: ['textRead', 'text'],
    outcomes: { ok: {}, stale: {}, not_found: {} },
  }),
  deleteApiKey: script('deleteApiKey', {
    uses: [verifiesSession, checksApis, readsApiKeys],
    keys: ['apiKey', 'userKeys', 'userKeyOrder', 'userKeyExpiry', 'apiKeyRate'],
    args: ['keyId', 'place'],
    outcomes: { ok: {}, not_found: {} },
  }),
  rerollApiKey: script('rerollApiKey', {
    uses: [verifiesSession, checksApis, readsApiKeys, indexesActiveKeys, remembersResponse],
    keys: ['oldApiKey', 'newApiKey', 'userKeys', 'userKeyOrder'],
    args: ['textRead', 'overlapMs', 'newKeyId', 'newHash', 'newPlace', 'newJson'],
    outcomes: { ok: {}, stale: {}, not_found: {}, retired: {} },
  }),
  verifyApiKey: script('verifyApiKey', {
    uses: [verifiesRootKey, limitsCalls, readsApiKeys, countsUsage],
    keys: ['apiKey', 'apiKeyRate', 'apis', 'usage'],
    // `apiId` is the API that the key must be of, or ''. The TTLs are those of the usage by minutes, and of the rest.
    args: ['apiId', 'minutesTtlSeconds', 'restTtlSeconds'],
    outcomes: { VALID: decided, RATE_LIMITED: decided, DISABLED: decided, EXPIRED: decided, NOT_FOUND: {} },
  }),
};
