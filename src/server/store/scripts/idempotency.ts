import { verifiesOwner, verifiesRootKey } from './callers.ts';
import { countsBytes, limitsBytes, readsClock } from './quota.ts';
import { script, snippet, text } from './script.ts';

/** The part of a script that stores its own response for repeated requests. */
export const remembersResponse = snippet('repeatable', {
  uses: [readsClock, countsBytes],
  keys: ['sessionResponse', 'storedResponses'],
  // `responseRecord` is '' without an Idempotency-Key; `responseExpiresAt` is in Unix ms; `maxResponses` is 0 without a limit.
  args: ['responseRecord', 'responseExpiresAt', 'maxResponses'],
  outcomes: { repeated: { record: text }, too_many_responses: {} },
});

/** `marker` names one request that is under way. */
export const idempotencyScripts = {
  beginRequest: script('beginRequest', {
    uses: [verifiesRootKey, readsClock, countsBytes, limitsBytes],
    keys: ['idempotency'],
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
