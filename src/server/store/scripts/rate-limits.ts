import { list, number, type ReplyOf, script, snippet } from './script.ts';

/** How long a window is, in seconds. */
export const windowSeconds = 60;

const countsCalls = snippet('countCalls');

/** Refuses a call over a limit. The script calls `refuseOverLimit`. */
export const limitsCalls = snippet('refuseOverLimit', {
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
