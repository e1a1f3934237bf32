import { readsClock } from './quota.ts';
import { list, number, type ReplyOf, script, snippet } from './script.ts';

/** How long a window is, in seconds. */
export const windowSeconds = 60;

const countsCalls = snippet('countCalls');

/** What a script replies to a call over the limit: the window ends in `resetMs`. */
export const rate_limited = { resetMs: number };

/** The reply of a script to a call over the limit. */
export type OverLimit = ReplyOf<{ rate_limited: typeof rate_limited }>;

export const rateLimitScripts = {
  countCalls: script('countCalls', {
    uses: [countsCalls],
    keys: ['calls'],
    args: ['points', 'seconds'],
    outcomes: { ok: { counts: list(number) } },
  }),
  leaseCalls: script('leaseCalls', {
    uses: [readsClock],
    keys: ['rootKeyCalls'],
    // `used` is how many of its borrowed calls the process has used since its last report.
    args: ['limit', 'calls', 'used', 'windowSeconds'],
    outcomes: { ok: { loan: number, resetMs: number }, rate_limited },
  }),
};
