import { script, snippet, text } from './script.ts';

/** The part of a script that stores its own response for repeated requests. */
export const remembersResponse = snippet('repeatable', {
  keys: ['idempotency'],
  // `responseRecord` is '' without an Idempotency-Key; `responseExpiresAt` is in Unix ms.
  args: ['responseRecord', 'responseExpiresAt'],
  outcomes: { repeated: { record: text } },
});

export const idempotencyScripts = {
  settleRequest: script('settleRequest', {
    keys: ['idempotency'],
    args: ['marker', 'value', 'ttlSeconds'],
    outcomes: { ok: {}, timed_out: {} },
  }),
};
