import { verifiesRootKey, verifiesSession } from './callers.ts';
import { script, snippet, text } from './script.ts';

/** The part of a script that stores its own response for repeated requests. */
export const remembersResponse = snippet('repeatable', {
  keys: ['idempotency'],
  // `responseRecord` is '' without an Idempotency-Key; `responseExpiresAt` is in Unix ms.
  args: ['responseRecord', 'responseExpiresAt'],
  outcomes: { repeated: { record: text } },
});

/** `marker` names one request that is under way. */
export const idempotencyScripts = {
  beginRequest: script('beginRequest', {
    uses: [verifiesRootKey],
    keys: ['idempotency'],
    args: ['marker', 'ttlSeconds'],
    outcomes: { ok: {}, known: { record: text } },
  }),
  findResponse: script('findResponse', {
    uses: [verifiesSession],
    keys: ['idempotency'],
    outcomes: { ok: { record: text }, not_found: {} },
  }),
  settleRequest: script('settleRequest', {
    keys: ['idempotency'],
    args: ['marker', 'value', 'ttlSeconds'],
    outcomes: { ok: {}, timed_out: {} },
  }),
};
