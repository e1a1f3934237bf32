/** Tells how a soak went, as a page of the documentation. */
import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';
import { systemBinary } from '../system-binary.ts';
import { type Check, type Ended, median, windows } from './checks.ts';
import { type ServerSample, stallMs } from './measure.ts';

/** On what it ran. */
export function machine(): Record<string, string> {
  const redis = systemBinary(['redis-server', 'valkey-server'], { debian: 'redis-server', brew: 'redis' });
  return {
    day: new Date().toISOString().slice(0, 10),
    processor: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${type()} ${release().split('-')[0]}`,
    node: process.version,
    redis: /v=(\S+)/.exec(execFileSync(redis, ['--version'], { encoding: 'utf8' }))?.[1] ?? 'unknown',
  };
}

const row = (...cells: (string | number)[]) => `| ${cells.join(' | ')} |`;
const table = (head: string[], rows: (string | number)[][]) =>
  [row(...head), row(...head.map(() => '---')), ...rows.map((cells) => row(...cells))].join('\n');
const megabytes = (bytes: number) => (bytes / 2 ** 20).toFixed(1);

/** A line for each fifth of the run. */
function course({ samples }: Ended): string {
  const fifths = Array.from({ length: 5 }, (_, i) => {
    const at = (share: number) => Math.floor((samples.length * share) / 5);
    const part = samples.slice(at(i), at(i + 1));
    const of = (which: 'steady' | 'struck', what: keyof ServerSample) =>
      part.flatMap(({ [which]: sample }) => (sample === undefined ? [] : [sample[what]]));
    const redis = (what: 'keys' | 'usedMemory') => part.flatMap((sample) => (sample.redis ? [sample.redis[what]] : []));
    return [
      `${part[0]?.second ?? 0} to ${part.at(-1)?.second ?? 0} s`,
      megabytes(median(of('steady', 'rss'))),
      megabytes(Math.min(...of('steady', 'heapUsed'))),
      median(of('steady', 'openFds')),
      megabytes(median(of('struck', 'rss'))),
      median(redis('keys')),
      megabytes(median(redis('usedMemory'))),
    ];
  });
  const head = [
    '',
    'steady RSS, MB',
    'heap, least, MB',
    'descriptors',
    'struck RSS, MB',
    'Redis keys',
    'Redis memory, MB',
  ];
  return table(head, fifths);
}

/** What belongs to no fault of ours. During a fault Redis stands still too; those are left out. */
function stallsOf({ stalls, tally, faults, begunAt }: Ended): string {
  const byItself = stalls.filter(
    ({ at }) => !faults.some(({ second }) => at >= begunAt + second - 1 && at <= begunAt + second + 25),
  );
  const of = (event: string) => byItself.filter((stall) => stall.event === event);
  const longest = (some: { ms: number }[]) => Math.max(0, ...some.map(({ ms }) => ms));
  const named = [...new Set(byItself.map(({ event }) => event))].map((event) => [
    event,
    of(event).length,
    longest(of(event)),
  ]);
  return `## When something stood still by itself

The machine has other work, and Redis waits for its disk. Moments of more than ${stallMs} ms outside the faults, by who noticed: Redis's own latency
monitor (\`aof-fsync-always\` is the disk), a client that does nothing but ping, and the servers of their own event loops. Servers
give up on Redis after 500 ms; ${tally.explained.stalled} answers of 503 are of those moments.

${table(['who', 'how often', 'longest, ms'], named)}`;
}

/** The page. */
export function markdown(ended: Ended, checks: Check[]): string {
  const { settings, machine: on, tally, faults, heldBack, samples, errors } = ended;
  const { minutes, rate, faultEverySeconds, seed } = settings;
  const steady = samples.flatMap(({ steady: sample }) => (sample === undefined ? [] : [sample]));
  const lag = median(windows(steady).late.map(({ p99LagMs }) => p99LagMs));
  const statuses = Object.entries(tally.byStatus).map(([status, times]) => [status === '0' ? 'none' : status, times]);
  return `---
title: A soak
description: ${minutes} minutes of mixed load with a fault every ${faultEverySeconds === 60 ? 'minute' : `${faultEverySeconds} seconds`}, and what was left of it.
order: 81
---

# A soak

\`npm run soak -- --minutes ${minutes}\` wrote this page; nothing of it is written by hand. Two servers on one Redis (append-only, synced at
every write) got ${rate} requests a second: mint, exchange, look at a session, verify, list, make, change, replace and delete keys, read
usage, log out, revoke, and bad input. A balancer sent them to whichever server said that it was ready. One server, the steady one, ran
through; the struck one was ended again and again. Each answer was held against \`openapi.yaml\`, and against what the load knew to be
there. A failure is excused only while the fault lasts that explains it, and for two seconds after.

On ${on['day']}, ${on['processor']}, ${on['memory']}, ${on['system']}, Node ${on['node']}, Redis ${on['redis']}; seed ${seed}. Other work ran on the machine.

## What must hold

${table(
  ['', 'check', 'seen'],
  checks.map(({ name, passed, seen }) => [passed ? 'ok' : '**failed**', name, seen.replaceAll('|', '\\|')]),
)}

## The faults

"503" and "no answer" are what the fault explains. The last column is how long after the fault was over the last failure was seen.

${table(
  ['at', 'fault', '503', 'no answer', 'not explained', 'last failure'],
  faults.map((fault) => [
    `${fault.second} s`,
    fault.fault,
    fault.unavailable,
    fault.silent,
    fault.violations,
    `${fault.lastFailureAfterMs} ms`,
  ]),
)}

## The answers

${table(['status', 'answers'], statuses)}

What the servers logged as errors, a readiness that said no among it:

${table(
  ['cause', 'times'],
  Object.entries(errors).map(([cause, times]) => [cause.replaceAll('|', '\\|'), times]),
)}

${heldBack} requests were not sent, because 400 were under way already: a load that waits for answers, as clients do.

${stallsOf(ended)}

## The course

A fifth of the run a line. The heap is the least that was seen, so about what is left after a collection. Event-loop delay of the steady
server late in the run, 99th percentile: ${lag.toFixed(1)} ms.

${course(ended)}

Every sample is in \`docs/soak.json\`. What to set and to watch is in [Production](production.md) and [Observability](observability.md).
`;
}
