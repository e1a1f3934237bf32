/** What must hold when a soak is over. */
import type { Tally } from './judge.ts';
import type { Ledger } from './ledger.ts';
import type { RedisSample, ServerSample, Stall } from './measure.ts';

/** Everything that a soak knows when it is over. */
export interface Ended {
  settings: { minutes: number; rate: number; faultEverySeconds: number; seed: number };
  machine: Record<string, string>;
  /** In Unix s. */
  begunAt: number;
  tally: Tally;
  /** Requests that were not sent, because too many were under way. */
  heldBack: number;
  /** What went wrong in the load itself. */
  brokenActs: string[];
  faults: {
    second: number;
    fault: string;
    unavailable: number;
    silent: number;
    violations: number;
    /** How long after the fault was over the last failure was seen. */
    lastFailureAfterMs: number;
  }[];
  ledger: Ledger;
  found: { sessions: number; keys: number };
  kinds: Record<string, { keys: number; withoutTtl: number }>;
  /** What the servers logged as errors, by cause. */
  errors: Record<string, number>;
  /** When Redis stood still. */
  stalls: Stall[];
  /** Verifications as Redis has counted them. */
  counted: number;
  samples: { second: number; steady?: ServerSample; struck?: ServerSample; redis?: RedisSample }[];
  idleBefore: ServerSample | undefined;
  idleAfter: ServerSample | undefined;
}

/** One check; `seen` is what it looked at. */
export interface Check {
  name: string;
  passed: boolean;
  seen: string;
}

const sorted = (numbers: number[]) => [...numbers].sort((a, b) => a - b);
/** The middle one. */
export const median = (numbers: number[]): number => sorted(numbers)[Math.floor(numbers.length / 2)] ?? Number.NaN;
const least = (numbers: number[]) => Math.min(...numbers);
const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;

/** Kinds of keys without a TTL, because their records are permanent. Their number depends on portals, users and keys. */
const permanent =
  /^(portico:workspaces|workspace|root-keys|root-key-ids|portals|portal-slugs|portal-order|portal-epochs|apis|api-order|api-key|user-keys|user-key-order|user-key-expiry)$/;

/** Fifths of the run in which its start is not seen: the second, the third and the last. */
export function windows<T>(samples: T[]): { early: T[]; middle: T[]; late: T[] } {
  const at = (share: number) => Math.floor(samples.length * share);
  return {
    early: samples.slice(at(0.2), at(0.4)),
    middle: samples.slice(at(0.4), at(0.6)),
    late: samples.slice(at(0.8)),
  };
}

/** Between what was acknowledged and what may be there besides, the key count must lie. */
function keyChecks({ ledger, kinds }: Ended): Check[] {
  const now = Date.now();
  const minted = ledger.minted.filter(({ expiresAt, alive }) => expiresAt > now && alive === 'yes').length;
  const doubtful = ledger.minted.filter(({ expiresAt, alive }) => expiresAt > now && alive !== 'yes').length;
  const unsure = (kind: string, lifeMs = Number.POSITIVE_INFINITY) =>
    ledger.unsure.filter((other) => other.kind === kind && other.at > now - lifeMs).length;
  // One that ends while it is counted.
  const slack = Math.ceil(minted / 50);
  const expected: Record<string, [least: number, most: number]> = {
    session: [minted - slack, minted + doubtful + unsure('minted', 900_000)],
    'browser-session': [ledger.sessions.length, ledger.sessions.length + unsure('session')],
    'api-key': [ledger.keys.length, ledger.keys.length + unsure('key')],
  };
  return Object.entries(expected).map(([kind, [fewest, most]]) => {
    const { keys } = kinds[kind] ?? { keys: 0 };
    const seen = `${keys}, acknowledged ${fewest + (kind === 'session' ? slack : 0)}, at most ${most}`;
    return {
      name: `the number of ${kind} keys in Redis matches the load`,
      passed: keys >= fewest && keys <= most,
      seen,
    };
  });
}

/** All checks, in the order in which they are told. */
export function verdict(ended: Ended): Check[] {
  const { tally, faults, ledger, found, kinds, counted, samples, idleBefore, idleAfter, brokenActs } = ended;
  const violations = Object.entries(tally.violations);
  const steady = samples.flatMap(({ steady: sample }) => (sample === undefined ? [] : [sample]));
  const { early, middle, late } = windows(steady);
  const heap = [early, late].map((window) => least(window.map(({ heapUsed }) => heapUsed)));
  // How much room V8 gives to what is young it finds out by and by, up and down by 100 MB in the first ten minutes: the heap
  // beside it did not move. What grows without end still does afterwards.
  const rss = [middle, late].map((window) => median(window.map(({ rss: bytes }) => bytes)));
  const [heapEarly = 0, heapLate = 0, rssMiddle = 0, rssLate = 0] = [...heap, ...rss];
  const immortal = Object.entries(kinds).filter(([kind, { withoutTtl }]) => withoutTtl > 0 && !permanent.test(kind));
  const slowest = Math.max(0, ...faults.map(({ lastFailureAfterMs }) => lastFailureAfterMs));
  const { verified, unsureVerifications } = ledger;
  const inTime = 2000;
  return [
    {
      name: 'every response matches the contract, and a fault explains every failure',
      passed: violations.length === 0 && brokenActs.length === 0,
      seen:
        violations.length + brokenActs.length === 0
          ? `${tally.requests} requests`
          : [...violations.map(([what, times]) => `${what} (${times} times)`), ...brokenActs.slice(0, 5)].join('; '),
    },
    {
      name: 'no failure 2 s or more after a fault',
      passed: slowest < inTime,
      seen: `last failure ${slowest} ms after`,
    },
    {
      name: 'acknowledged sessions and keys still exist',
      passed: found.sessions === ledger.sessions.length && found.keys === ledger.keys.length,
      seen: `${found.sessions} of ${ledger.sessions.length} sessions, ${found.keys} of ${ledger.keys.length} keys`,
    },
    {
      name: 'each verification with a response is counted once',
      passed: counted >= verified && counted <= verified + unsureVerifications,
      seen: `${counted} counted, ${verified} with a response, ${unsureVerifications} without`,
    },
    ...keyChecks(ended),
    {
      name: 'only permanent records have no TTL in Redis',
      passed: immortal.length === 0,
      seen: immortal.length === 0 ? `${Object.keys(kinds).length} kinds of keys` : JSON.stringify(immortal),
    },
    {
      name: 'the heap after garbage collections is stable: late at most 10 % and 4 MB above early',
      passed: heapLate <= heapEarly * 1.1 + 4 * 2 ** 20,
      seen: `${megabytes(heapEarly)} early, ${megabytes(heapLate)} late`,
    },
    {
      name: 'resident memory is stable: late at most 10 % above the middle of the run',
      passed: rssLate <= rssMiddle * 1.1,
      seen: `${megabytes(rssMiddle)} in the middle, ${megabytes(rssLate)} late`,
    },
    {
      name: 'file descriptors are stable: when idle, at most 2 more after the run than before',
      passed: (idleAfter?.openFds ?? Number.NaN) <= (idleBefore?.openFds ?? Number.NaN) + 2,
      seen: `${idleBefore?.openFds} before, ${idleAfter?.openFds} after`,
    },
  ];
}
