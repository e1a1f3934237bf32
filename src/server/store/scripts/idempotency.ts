import { script } from './script.ts';

export const idempotencyScripts = {
  settleRequest: script('settleRequest', {
    keys: ['idempotency'],
    args: ['marker', 'value', 'ttlSeconds'],
    outcomes: { ok: {}, timed_out: {} },
  }),
};
