/**
 * Users. The record of a user is written with their first session or key. Their erasure begins at home, where its caller is verified,
 * and then removes everything in their partition in steps that any process can repeat: store/erasures.ts has their order.
 */
import { auditing } from './audit.ts';
import { verifiesControl, verifiesManager } from './callers.ts';
import { identityOverhead } from './identity.ts';
import { changesKeys } from './keys.ts';
import { countsBytes, limitsBytes, readsClock } from './quota.ts';
import { script, snippet, text } from './script.ts';
import { sessionOverhead } from './sessions.ts';
import { stored } from './usage.ts';

/** Verifies that the user is still being erased as this identity. */
const requiresErasure = snippet('requireErasure', {
  keys: ['identity'],
  args: ['identityId'],
  outcomes: { gone: {} },
});

/** Verifies that this identity, and no other, is being removed from a log. */
const requiresRedaction = snippet('requireRedaction', {
  keys: ['erasing', 'redaction', 'redacted'],
  args: ['identityId', 'isHome'],
  // The id of the other identity.
  outcomes: { gone: {}, busy: { other: text } },
});

const counts = [readsClock, countsBytes] as const;

export const identityScripts = {
  writeIdentity: script('writeIdentity', {
    uses: [verifiesControl, auditing, ...counts, limitsBytes],
    keys: ['identity', 'identities', 'identityPolicy'],
    // `textRead` is '' for a user who has no record, and `policyText` is '' without a policy.
    args: ['textRead', 'text', 'policyText', 'externalId'],
    constants: { identityOverhead },
    outcomes: { ok: {}, stale: {}, identity_deleting: {} },
  }),
  beginErasure: script('beginErasure', {
    uses: [verifiesManager, auditing],
    keys: ['erasures'],
    args: ['identityId', 'erasure'],
    outcomes: { ok: {}, running: {} },
  }),
  markErased: script('markErased', {
    uses: counts,
    keys: ['identity', 'identityPolicy'],
    args: ['identityId'],
    constants: { identityOverhead },
    outcomes: { ok: {}, gone: {} },
  }),
  eraseSessions: script('eraseSessions', {
    uses: [requiresErasure, ...counts],
    // All but the first are prefixes.
    keys: ['userSessions', 'sessions', 'sessionCalls', 'storedResponses', 'sessionResponses', 'portalSessions'],
    constants: { sessionOverhead, erasedAtOnce: 20 },
    outcomes: { more: {}, done: {} },
  }),
  eraseKeys: script('eraseKeys', {
    uses: [requiresErasure, ...changesKeys],
    rest: 'entries',
    outcomes: { ok: {} },
  }),
  eraseUsage: script('eraseUsage', {
    uses: [requiresErasure, readsClock],
    keys: ['usageLog', 'usageApis', 'usageWork', 'usageDays', 'usageTops', 'userRates', 'quotaUses'],
    // `user` is the user's entry in the index of work.
    args: ['user'],
    constants: { dayMs: 86_400_000, longestStoredMs: stored.longest },
    outcomes: { more: {}, done: {} },
  }),
  beginRedaction: script('beginRedaction', {
    uses: [requiresRedaction],
    outcomes: { ok: { copied: text } },
  }),
  copyEntries: script('copyEntries', {
    uses: [requiresRedaction],
    args: ['after'],
    rest: 'idsAndEntries',
    outcomes: { ok: {}, stale: {} },
  }),
  swapLogs: script('swapLogs', {
    uses: [requiresRedaction],
    keys: ['log'],
    args: ['mark'],
    constants: { carriedAtOnce: 100 },
    outcomes: { ok: {}, stale: {}, more: {} },
  }),
  finishErasure: script('finishErasure', {
    uses: [requiresErasure],
    keys: ['identities', 'userSessions', 'userKeyEnds', 'userKeyOrder', 'usageLog', 'usageApis', 'userQuota'],
    args: ['externalId'],
    outcomes: { ok: {}, more: {} },
  }),
};
