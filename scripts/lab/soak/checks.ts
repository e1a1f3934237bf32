/** The checks at the end of a soak test. */
import type { Tally } from './judge.ts';
import type { Ledger } from './ledger.ts';
import type { RedisSample, ServerSample, Stall } from './measure.ts';

/** All results of a soak test. */
export interface Ended {
  settings: { minutes: number; rate: number; faultEverySeconds: number; seed: number };
  machine: Record<string, string>;
  /** In Unix s. */
  begunAt: number;
  tally: Tally;
  /** Requests that the load did not send, because too many were in progress. */
  notSent: number;
  /** Errors in the load itself. */
  loadErrors: string[];
  faults: {
    second: number;
    fault: string;
    unavailable: number;
    silent: number;
    violations: number;
    /** The time from the end of the fault to the last failure, in ms. */
    lastFailureAfterMs: number;
  }[];
  ledger: Ledger;
  found: { sessions: number; keys: number };
  kinds: Record<string, { keys: number; withoutTtl: number }>;
  /** What the servers logged as errors, by cause. */
  errors: Record<string, number>;
  /** Stalls of Redis and of the event loops of the servers. */
  stalls: Stall[];
  /** The number of verifications that Redis has counted. */
  counted: number;
  samples: { second: number; steady?: ServerSample; restarted?: ServerSample; redis?: RedisSample }[];
  idleBefore: ServerSample | undefined;
  idleAfter: ServerSample | undefined;
}

/** One check. `seen` shows the values that it compared. */
export interface Check {
  name: string;
  passed: boolean;
  seen: string;
}

const sorted = (numbers: number[]) => [...numbers].sort((a, b) => a - b);
/** Returns the median, or NaN for an empty list. */
export const median = (numbers: number[]): number => sorted(numbers)[Math.floor(numbers.length / 2)] ?? Number.NaN;
const minimum = (numbers: number[]) => Math.min(...numbers);
const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;

/** Kinds of keys without a TTL, because their records are permanent. Their number depends on portals, users and keys. */
const permanent = new Set([
  ...['portico:workspaces', 'portico:dataset', 'workspace', 'control', 'published', 'quota'],
  ...['root-keys', 'root-key-records', 'root-key-ids', 'portals', 'portal-slugs', 'portal-order', 'portal-epochs'],
  ...['apis', 'api-order', 'api-key', 'key-id', 'api-key-order', 'key-ends', 'identity', 'identities'],
  ...['user-key-order', 'user-key-ends', 'user-key-expiry', 'user-quota', 'scope-counts', 'scope-ends'],
  // Until they are rolled up.
  ...['usage-log', 'usage-work'],
]);

/** Returns the second, the third and the last fifth of the run. The first one is the warm-up. */
export function windows<T>(samples: T[]): { early: T[]; middle: T[]; late: T[] } {
  const at = (share: number) => Math.floor(samples.length * share);
  return {
    early: samples.slice(at(0.2), at(0.4)),
    middle: samples.slice(at(0.4), at(0.6)),
    late: samples.slice(at(0.8)),
  };
}

/** The number of keys must be between the acknowledged ones and those plus the ones with an unknown outcome. */
function keyChecks({ ledger, kinds }: Ended): Check[] {
  const now = Date.now();
  const active = ledger.links.filter(({ expiresAt, alive }) => expiresAt > now && alive === 'yes').length;
  const possible = ledger.links.filter(({ expiresAt, alive }) => expiresAt > now && alive !== 'yes').length;
  const uncertain = (kind: string, lifeMs = Number.POSITIVE_INFINITY) =>
    ledger.uncertain.filter((other) => other.kind === kind && other.at > now - lifeMs).length;
  // Some session ids expire while they are counted.
  const slack = Math.ceil(active / 50);
  const expected: Record<string, [min: number, max: number]> = {
    session: [
      active - slack + ledger.sessions.length,
      active + possible + uncertain('link', 900_000) + ledger.sessions.length + uncertain('session'),
    ],
    'api-key': [ledger.keys.length, ledger.keys.length + uncertain('key')],
  };
  return Object.entries(expected).map(([kind, [min, max]]) => {
    const { keys } = kinds[kind] ?? { keys: 0 };
    const seen = `${keys}, acknowledged ${min + (kind === 'session' ? slack : 0)}, at most ${max}`;
    return {
      name: `the number of ${kind} keys in Redis matches the load`,
      passed: keys >= min && keys <= max,
      seen,
    };
  });
}

/** Runs all checks, in the order of the report. */
export function runChecks(ended: Ended): Check[] {
  const { tally, faults, ledger, found, kinds, counted, samples, idleBefore, idleAfter, loadErrors } = ended;
  const violations = Object.entries(tally.violations);
  const steady = samples.flatMap(({ steady: sample }) => (sample === undefined ? [] : [sample]));
  const { early, middle, late } = windows(steady);
  const heap = [early, late].map((window) => minimum(window.map(({ heapUsed }) => heapUsed)));
  // V8 adapts the size of its young generation, by up to 100 MB, while the heap stays the same, and makes it small again when it compacts
  // the heap. A leak still grows beyond the most that it has been before.
  const rssBefore = Math.max(...[...early, ...middle].map(({ rss }) => rss));
  const rssLate = median(late.map(({ rss }) => rss));
  const [heapEarly = 0, heapLate = 0] = heap;
  const withoutExpiry = Object.entries(kinds).filter(
    ([kind, { withoutTtl }]) => withoutTtl > 0 && !permanent.has(kind),
  );
  const slowest = Math.max(0, ...faults.map(({ lastFailureAfterMs }) => lastFailureAfterMs));
  const { verified, uncertainVerifications } = ledger;
  const inTime = 2000;
  return [
    {
      name: 'every response matches the contract, and a fault explains every failure',
      passed: violations.length === 0 && loadErrors.length === 0,
      seen:
        violations.length + loadErrors.length === 0
          ? `${tally.requests} requests`
          : [...violations.map(([what, times]) => `${what} (${times} times)`), ...loadErrors.slice(0, 5)].join('; '),
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
      passed: counted >= verified && counted <= verified + uncertainVerifications,
      seen: `${counted} counted, ${verified} with a response, ${uncertainVerifications} without`,
    },
    ...keyChecks(ended),
    {
      name: 'only permanent records have no TTL in Redis',
      passed: withoutExpiry.length === 0,
      seen: withoutExpiry.length === 0 ? `${Object.keys(kinds).length} kinds of keys` : JSON.stringify(withoutExpiry),
    },
    {
      name: 'the heap after garbage collections is stable: late at most 10 % and 4 MB above early',
      passed: heapLate <= heapEarly * 1.1 + 4 * 2 ** 20,
      seen: `${megabytes(heapEarly)} early, ${megabytes(heapLate)} late`,
    },
    {
      name: 'resident memory is stable: late at most 10 % above the most before',
      passed: rssLate <= rssBefore * 1.1,
      seen: `at most ${megabytes(rssBefore)} before, ${megabytes(rssLate)} late`,
    },
    {
      name: 'file descriptors are stable: when idle, at most 2 more after the run than before',
      passed: (idleAfter?.openFds ?? Number.NaN) <= (idleBefore?.openFds ?? Number.NaN) + 2,
      seen: `${idleBefore?.openFds} before, ${idleAfter?.openFds} after`,
    },
  ];
}
