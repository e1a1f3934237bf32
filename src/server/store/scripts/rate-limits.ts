import { list, number, type ReplyOf, script, snippet } from './script.ts';

/** How long a window is, in seconds. */
export const windowSeconds = 60;

const countsCalls = snippet('countCalls');

/** Counts the call of a root key or a browser session, and refuses it over the limit. The script calls `refuseOverLimit`. */
export const limitsCalls = snippet('refuseOverLimit', {
  keys: ['calls'],
  // 0 counts nothing.
  args: ['callLimit'],
  constants: { windowSeconds },
  uses: [countsCalls],
  outcomes: { rate_limited: { resetMs: number } },
});

/** The reply of a script to a call over the limit. */
export type OverLimit = ReplyOf<(typeof limitsCalls)['outcomes']>;

export const rateLimitScripts = {
  countCalls: script('countCalls', {
    uses: [countsCalls],
    keys: ['calls'],
    args: ['points', 'seconds'],
    outcomes: { ok: { counts: list(number) } },
  }),
};
