import { verifiesOwner, verifiesRootKey } from './callers.ts';
import { countsBytes, limitsBytes, readsClock } from './quota.ts';
import { boundsLife } from './rate-limits.ts';
import { script, snippet, text } from './script.ts';

/** The part of a script that stores its own response for repeated requests. Needs `readsClock` and `countsBytes` before it. */
export const remembersResponse = snippet('repeatable', {
  keys: ['sessionResponse', 'storedResponses'],
  // `responseRecord` is '' without an Idempotency-Key. `responseExpiresAt` is in Unix ms, or 0 for a day from now on by the clock of
  // Redis. `maxResponses` is 0 without a limit.
  args: ['responseRecord', 'responseExpiresAt', 'maxResponses'],
  constants: { responseMs: 86_400_000 },
  outcomes: { repeated: { record: text }, too_many_responses: {} },
});

/** `marker` names one request that is under way. */
export const idempotencyScripts = {
  beginRequest: script('beginRequest', {
    uses: [verifiesRootKey, readsClock, boundsLife, countsBytes, limitsBytes],
    keys: ['idempotency'],
    constants: { underWay: 'under_way' },
    args: ['marker', 'ttlSeconds'],
    outcomes: { ok: {}, known: { record: text } },
  }),
  findResponse: script('findResponse', {
    uses: [verifiesOwner],
    keys: ['sessionResponse'],
    outcomes: { ok: { record: text }, not_found: {} },
  }),
  settleRequest: script('settleRequest', {
    uses: [readsClock, countsBytes],
    keys: ['idempotency'],
    args: ['marker', 'value', 'ttlSeconds'],
    outcomes: { ok: {}, timed_out: {} },
  }),
};
