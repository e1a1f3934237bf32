/** The compact result of a soak test: docs/evidence/soak.json stores it, and docs/evidence/soak.md shows it. */
import { type Check, type Ended, median, windows } from './checks.ts';
import { type ServerSample, stallMs } from './measure.ts';

/** The result of a soak test. Sizes in MB are rounded to one decimal; a size is null while its process was down. */
export interface Summary {
  settings: Ended['settings'];
  machine: Ended['machine'];
  /** Unix s. */
  begunAt: number;
  requests: number;
  /** Responses by status; status 0 means no response. */
  byStatus: Record<string, number>;
  /** Failures that a fault or a stall explains. */
  explained: Ended['tally']['explained'];
  /** Broken promises, with how often each occurred. */
  violations: Record<string, number>;
  /** Requests that the load did not send, because too many were in progress. */
  notSent: number;
  /** Errors in the load itself. */
  loadErrors: string[];
  created: { sessionIds: number; sessions: number; keys: number };
  /** Create requests with an unknown outcome. */
  unknownOutcomes: number;
  /** Redis keys at the end by kind, and how many of them have no TTL. */
  redisKeys: Record<string, { keys: number; withoutTtl: number }>;
  checks: Check[];
  faults: Ended['faults'];
  /** What the servers logged as errors. */
  errors: { cause: string; times: number }[];
  /** Stalls outside the faults, by source. */
  stallThresholdMs: number;
  stalls: { source: string; times: number; longestMs: number }[];
  /** Event-loop lag of the steady server late in the run, 99th percentile. */
  lateP99LagMs: number;
  /** The medians of each fifth of the run; the heap is the minimum. */
  course: ({ from: number; to: number } & Sizes)[];
  /** One sample a minute. */
  samples: ({ second: number } & Sizes)[];
}

interface Sizes {
  steadyRssMb: number | null;
  steadyHeapMb: number | null;
  steadyOpenFds: number | null;
  restartedRssMb: number | null;
  redisKeys: number | null;
  redisMemoryMb: number | null;
}

const megabytes = (bytes: number) => Number((bytes / 2 ** 20).toFixed(1));

type Reduce = (values: number[]) => number;
function sizesOf(samples: Ended['samples'], middle: Reduce, heap: Reduce): Sizes {
  const reduce = (values: number[], by: Reduce, convert = (value: number) => value) =>
    values.length === 0 ? null : convert(by(values));
  const of = (which: 'steady' | 'restarted', what: keyof ServerSample) =>
    samples.flatMap(({ [which]: sample }) => (sample === undefined ? [] : [sample[what]]));
  const redis = (what: 'keys' | 'usedMemory') =>
    samples.flatMap((sample) => (sample.redis ? [sample.redis[what]] : []));
  return {
    steadyRssMb: reduce(of('steady', 'rss'), middle, megabytes),
    steadyHeapMb: reduce(of('steady', 'heapUsed'), heap, megabytes),
    steadyOpenFds: reduce(of('steady', 'openFds'), middle),
    restartedRssMb: reduce(of('restarted', 'rss'), middle, megabytes),
    redisKeys: reduce(redis('keys'), middle),
    redisMemoryMb: reduce(redis('usedMemory'), middle, megabytes),
  };
}

/** One entry for each fifth of the run. */
const courseOf = ({ samples }: Ended) =>
  Array.from({ length: 5 }, (_, i) => {
    const at = (share: number) => Math.floor((samples.length * share) / 5);
    const part = samples.slice(at(i), at(i + 1));
    const [from, to] = [part[0]?.second ?? 0, part.at(-1)?.second ?? 0];
    return { from, to, ...sizesOf(part, median, (values) => Math.min(...values)) };
  });

const minuteOf = ({ second }: { second: number }) => Math.floor(second / 60);

/** The first sample of each minute. */
const samplesOf = ({ samples }: Ended) =>
  samples
    .filter((sample, i) => i === 0 || minuteOf(sample) !== minuteOf(samples[i - 1] ?? sample))
    .map((sample) => ({ second: sample.second, ...sizesOf([sample], median, median) }));

/** Redis also stalls during a fault; those stalls are not counted. */
function stallsOf({ stalls, faults, begunAt }: Ended) {
  const outside = stalls.filter(
    ({ at }) => !faults.some(({ second }) => at >= begunAt + second - 1 && at <= begunAt + second + 25),
  );
  return [...new Set(outside.map(({ event }) => event))].map((source) => {
    const durations = outside.filter(({ event }) => event === source).map(({ ms }) => ms);
    return { source, times: durations.length, longestMs: Math.max(...durations) };
  });
}

/** Reduces everything that a soak test knows to the result that is worth storing. */
export function summarize(ended: Ended, checks: Check[]): Summary {
  const { settings, machine, begunAt, tally, notSent, loadErrors, faults, errors, kinds, ledger, samples } = ended;
  const steady = samples.flatMap(({ steady: sample }) => (sample === undefined ? [] : [sample]));
  const { links: sessionIds, sessions, keys } = ledger.made;
  return {
    settings,
    machine,
    begunAt,
    requests: tally.requests,
    byStatus: tally.byStatus,
    explained: tally.explained,
    violations: tally.violations,
    notSent,
    loadErrors,
    created: { sessionIds, sessions, keys },
    unknownOutcomes: ledger.uncertain.length,
    redisKeys: kinds,
    checks,
    faults,
    errors: Object.entries(errors).map(([cause, times]) => ({ cause, times })),
    stallThresholdMs: stallMs,
    stalls: stallsOf(ended),
    lateP99LagMs: Number(median(windows(steady).late.map(({ p99LagMs }) => p99LagMs)).toFixed(1)),
    course: courseOf(ended),
    samples: samplesOf(ended),
  };
}

/** Formats a summary as JSON with one list entry per line, so that a diff is readable. */
export function formatSummary(summary: Summary): string {
  const properties = Object.entries(summary).map(([name, value]) => {
    const entries = Array.isArray(value) && value.length > 0 ? value : undefined;
    const lines = entries?.map((entry) => `    ${JSON.stringify(entry)}`).join(',\n');
    return `  ${JSON.stringify(name)}: ${lines === undefined ? JSON.stringify(value) : `[\n${lines}\n  ]`}`;
  });
  return `{\n${properties.join(',\n')}\n}\n`;
}
