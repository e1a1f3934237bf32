import { list, number, type ReplyOf, script, snippet } from './script.ts';

/** How long a window is, in seconds. */
export const windowSeconds = 60;

/** Bounds the life of a record, whose end is far away after the clock of Redis has gone back. */
export const boundsLife = snippet('lifeOf');

const countsCalls = snippet('countCalls', { uses: [boundsLife] });

/** What a script replies to a call over the limit: the window ends in `resetMs`. */
export const rate_limited = { resetMs: number };

/** The reply of a script to a call over the limit. */
export type OverLimit = ReplyOf<{ rate_limited: typeof rate_limited }>;

/** What a script returns of a lease: how many calls are lent, until the window ends in `resetMs`. */
export const lent = { loan: number, resetMs: number };

/** Lends calls to a process. The script calls `lease`. */
export const lendsCalls = snippet('lease', {
  uses: [boundsLife],
  keys: ['calls'],
  // `used` is how many of its borrowed calls the process has used since its last report.
  args: ['limit', 'used'],
  constants: { windowSeconds },
});

export const rateLimitScripts = {
  countCalls: script('countCalls', {
    writes: 'counts',
    uses: [countsCalls],
    keys: ['calls'],
    args: ['points', 'seconds'],
    outcomes: { ok: { counts: list(number) } },
  }),
  leaseCalls: script('leaseCalls', {
    writes: 'counts',
    uses: [lendsCalls],
    args: ['calls'],
    outcomes: { ok: lent, rate_limited },
  }),
};
