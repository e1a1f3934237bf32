/**
 * The atomic steps on API keys. The value of a key is one line of fields and then its JSON, which the scripts do not read:
 *
 *   <last used, 13 digits> <updated> <enabled 0|1> <rerolled 0|1> <managed 0|1> <created> <expires, 0 never> <limit, 0 none>
 *   <duration> <key id> <API id> <user> <scopes> <IP ranges>\n<JSON>
 *
 * A list is `-` if there is none, else `=` and its items with commas between them.
 *
 * The last use comes first and has a fixed length: a verification overwrites it in place, and a comparison with what was
 * read leaves it out.
 */
import { auditing } from './audit.ts';
import { verifiesControl, verifiesControlAndReads, verifiesOwner } from './callers.ts';
import { remembersResponse } from './idempotency.ts';
import { admitsIdentity } from './identity.ts';
import { countsBytesOfUser, limitsBytes, readsClock } from './quota.ts';
import { countsScopes } from './scopes.ts';
import { list, number, script, snippet, text } from './script.ts';
import { countsUse, forgetsUsage, readsDays } from './usage.ts';

/** The length of the last use and the space behind it. */
export const lastUsedLength = 14;
/** How long a key stays after its end, in ms: until then its user can give an expired key a later expiry. */
export const graceMs = 30 * 86_400_000;
/** How long a response of a session is stored, at most: as long as the session. */
const sessionMs = 86_400_000;

const readsApiKeys = snippet('apiKey', { constants: { lastUsedLength } });
/** The indexes of the keys of a user. `userKeyExpiries` is the prefix of the index of each API. */
const indexesKeys = snippet('activeKeys', { keys: ['userKeyExpiries'] });
/** Limits the active keys of a user in an API. */
const limitsActiveKeys = snippet('refuseOverKeyLimit', { args: ['maxKeys'], outcomes: { limit_exceeded: {} } });
/** Removes keys whose records are gone from the lists of a partition. `apiKeyOrders` is the prefix of the list of each API. */
const forgetsGone = snippet('forgetGone', { keys: ['keyEnds', 'apiKeyOrders'] });
/** `keyIds` is the prefix of the ids of all keys of the partition. */
const writesKeys = snippet('keyRecords', {
  uses: [forgetsGone],
  keys: ['keyIds', 'userKeyOrder', 'userKeyEnds'],
  constants: { graceMs, sessionMs, keyOverhead: 1000 },
});
/** The end of the name of what a key has used of the rate limit of a policy. */
const ofPolicy = ':policy';
/** Removes keys. `apiKeys` and `apiKeyRates` are the prefixes of all keys of the workspace. */
const removesKeys = snippet('removeKey', { keys: ['apiKeys', 'apiKeyRates'], constants: { ofPolicy } });
/** Refuses what a user has no room for, unless ended keys make room. `userQuotaBytes` is 0 without a quota. */
const limitsBytesOfUser = snippet('refuseOverUserQuota', {
  args: ['userQuotaBytes'],
  outcomes: { user_quota_exceeded: {} },
});
/** Limits all records of the keys of a user. */
const limitsRecords = snippet('makeRoom', { args: ['maxRecords'], outcomes: { no_room: {} } });

const readsKeys = [readsClock, readsApiKeys] as const;
/** Writes keys with their indexes. */
export const recordsKeys = [...readsKeys, countsBytesOfUser, countsScopes, indexesKeys, writesKeys] as const;
export const changesKeys = [...recordsKeys, forgetsUsage, removesKeys] as const;
const limitsAllBytes = [limitsBytes, limitsBytesOfUser] as const;
/** Changes keys for a user in a session or a backend with a root key, with an entry in the audit log. */
const changesKeysFor = [verifiesOwner, auditing, ...changesKeys] as const;

/** The partition in a forward (forwards.ts), without the `>`. */
const forwarded = (value: unknown): number => Number.parseInt(String(value), 10);

/** Reads policies. */
const readsPolicies = snippet('policy', {
  // The names of records of a user, after the beginning of all names of a partition.
  constants: { identityPolicies: 'identity-policy:', userRates: 'user-rate:', quotaUses: 'quota-use:', ofPolicy },
});

/**
 * What a verification returns of a key that exists: its value, the policy of its user or '', and the rate limit and the quota that hold.
 * `remaining` is -1 without a limit; `reset` is in Unix ms. Without any limit, the reply ends after the policy.
 */
const decided = {
  ...{ key: text, userPolicy: text },
  ...{ limit: number, duration: number, remaining: number, reset: number },
  ...{ quotaLimit: number, quotaRemaining: number, quotaReset: number },
};
/** How a verification can end for a key that exists. */
const decisions = {
  ...{ VALID: decided, DISABLED: decided, EXPIRED: decided, FORBIDDEN: decided, INSUFFICIENT_PERMISSIONS: decided },
  ...{ RATE_LIMITED: decided, USAGE_EXCEEDED: decided },
};

export const keyScripts = {
  readKeys: script('readKeys', {
    uses: [readsDays],
    // `keyIds`, `apiKeys` and `usageDays` are prefixes: of the partition, and of the days of the user.
    keys: ['userKeyOrder', 'keyIds', 'apiKeys', 'usageLog', 'usageDays'],
    args: ['many', 'usedMany', 'firstDay', 'lastDay'],
    rest: 'named',
    // `texts` has the values of `found` keys, `logged` fields of the log with their counts, and the days.
    outcomes: { ok: { found: number, logged: number, texts: list(text) } },
  }),
  createApiKey: script('createApiKey', {
    uses: [...changesKeysFor, admitsIdentity, limitsActiveKeys, limitsRecords, ...limitsAllBytes, remembersResponse],
    keys: ['apiKey'],
    args: ['place', 'value'],
    outcomes: { ok: {}, exists: { value: text } },
  }),
  replaceApiKey: script('replaceApiKey', {
    uses: [...changesKeysFor, limitsActiveKeys, ...limitsAllBytes],
    keys: ['apiKey', 'apiKeyRate'],
    // `textRead` and `text` are values without the last use.
    args: ['textRead', 'text', 'place'],
    outcomes: { ok: {}, stale: {}, not_found: {} },
  }),
  deleteApiKey: script('deleteApiKey', {
    uses: changesKeysFor,
    keys: ['apiKey'],
    args: ['textRead', 'place'],
    outcomes: { ok: {}, stale: {}, not_found: {} },
  }),
  forgetKeys: script('forgetKeys', {
    writes: 'counts',
    uses: [readsClock, forgetsGone],
    args: ['many'],
    outcomes: { ok: { found: number } },
  }),
  removeApiKeys: script('removeApiKeys', {
    uses: changesKeys,
    args: ['apiId'],
    rest: 'entries',
    outcomes: { ok: {} },
  }),
  rerollApiKey: script('rerollApiKey', {
    uses: [...changesKeysFor, limitsRecords, ...limitsAllBytes, remembersResponse],
    keys: ['oldApiKey', 'newApiKey'],
    args: ['textRead', 'overlapMs', 'oldPlace', 'oldJson', 'newKeyId', 'newPlace', 'newCreatedAt', 'newJson'],
    outcomes: { ok: {}, stale: {}, not_found: {}, retired: {} },
  }),
  reportApiKey: script('reportApiKey', {
    writes: 'counts',
    uses: [verifiesControl, ...readsKeys, countsUse],
    keys: ['apiKey', 'report'],
    // `position` is that of the key in the report, and `many` the number of its verifications.
    args: ['knownApis', 'position', 'many', 'reportTtlSeconds'],
    outcomes: {
      ok: {},
      NOT_FOUND: {},
      counted_before: {},
      unknown_api: { apiId: text },
      moved: { partition: forwarded },
    },
  }),
  verifyApiKey: script('verifyApiKey', {
    writes: 'counts',
    // The record is the key.
    uses: [verifiesControlAndReads, readsClock, readsPolicies, countsUse],
    constants: { apiKeyRates: 'api-key-rate:' },
    args: [
      // The API that the key must be of, or '', and APIs without a policy that the caller knows to exist.
      ...['apiId', 'knownApis'],
      // Another such API, `<API id> <policy> <period> <its start> <its end> <the end of the next one>`, or ''. A period is named such as
      // `day,Europe/Berlin`, with times in Unix ms; `- 0 0 0` without one.
      'governed',
      // `<cost> <wanted sets of scopes> <address>`, or '' for a cost of 1 alone.
      'asked',
    ],
    outcomes: {
      ...decisions,
      NOT_FOUND: {},
      unknown_api: { apiId: text },
      // The quota has this period. `at` is the time of Redis.
      unknown_period: { period: text, at: number },
      // The record is in this partition (store/forwards.ts).
      moved: { partition: forwarded },
    },
  }),
};
