/** Renders the result of a soak test as a page of the documentation. */
import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';
import { systemBinary } from '../../../tests/support/system-binary.ts';
import type { Summary } from './summary.ts';

/** Describes the machine that runs the test. */
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

type Cell = string | number | null;
const row = (...cells: Cell[]) => `| ${cells.map((cell) => String(cell ?? '').replaceAll('|', '\\|')).join(' | ')} |`;
const table = (head: string[], rows: Cell[][]) =>
  [row(...head), row(...head.map(() => '---')), ...rows.map((cells) => row(...cells))].join('\n');
const oneDecimal = (value: number | null) => value?.toFixed(1) ?? null;

/** Renders docs/evidence/soak.md. */
export function markdown(summary: Summary): string {
  const { settings, machine: on, faults, checks } = summary;
  const { minutes, rate, faultEverySeconds, seed } = settings;
  const interval = faultEverySeconds === 60 ? 'minute' : `${faultEverySeconds} seconds`;
  return `---
title: Soak test
description: See how Portico behaves in ${minutes} minutes of mixed load with a fault every ${interval}.
order: 81
group: Failures
---

# Soak test

Use this page to see how Portico behaves in ${minutes} minutes of mixed load with a fault every ${interval}.
\`npx node scripts/lab/soak/main.ts --minutes ${minutes}\` wrote this page; do not edit it by hand.

- **Setup.** Two servers shared one Redis (append-only, fsync on every write). A load balancer sent each request to a server that reported
  ready. The steady server ran the whole time. The faults stopped and restarted the other server.
- **Load.** ${rate} requests a second: create, exchange and read sessions; verify keys; list, create, update, reroll and delete keys; read
  usage; log out; revoke sessions; and invalid input.
- **Checks.** The test validated each response against \`openapi.yaml\` and against the sessions and keys it had created. It excused a
  failure only during the fault that explains it, and for two seconds after.
- **Machine.** ${on['day']}, ${on['processor']}, ${on['memory']}, ${on['system']}, Node ${on['node']}, Redis ${on['redis']}; seed ${seed}. Other work ran on the machine.

## Check the results

${table(
  ['', 'check', 'result'],
  checks.map(({ name, passed, seen }) => [passed ? 'ok' : '**failed**', name, seen]),
)}

Resident memory has the young generation of V8, which grows by up to 100 MB and becomes small again when V8 compacts its heap: twice in half an
hour. So it is compared with the most that it was before. Runs until 27 November 2026 were compared with the middle of the
run: one that was compacted then failed this check.

## Look up a fault

"503" and "no response" count the failures that the fault explains. The last column is the time from the end of the fault to the last
failure.

${table(
  ['at', 'fault', '503', 'no response', 'unexplained', 'last failure'],
  faults.map((fault) => [
    `${fault.second} s`,
    fault.fault,
    fault.unavailable,
    fault.silent,
    fault.violations,
    `${fault.lastFailureAfterMs} ms`,
  ]),
)}

## Look up the responses

${table(
  ['status', 'responses'],
  Object.entries(summary.byStatus).map(([status, times]) => [status === '0' ? 'none' : status, times]),
)}

What the servers logged as errors, including failed readiness checks:

${table(
  ['cause', 'times'],
  summary.errors.map(({ cause, times }) => [cause, times]),
)}

The load did not send ${summary.notSent} requests, because 400 were already in progress: like real clients, it waits for responses.

## Look up stalls without a fault

Other work ran on the machine, and Redis waits for its disk. This table counts stalls of more than ${summary.stallThresholdMs} ms outside the faults, by source:
Redis's own latency monitor (\`aof-fsync-always\` is the disk), a client that only sends pings, and the event loops of the servers. Servers
stop waiting for Redis after 500 ms. ${summary.explained.stalled} responses of 503 belong to these moments.

${table(
  ['source', 'times', 'longest, ms'],
  summary.stalls.map(({ source, times, longestMs }) => [source, times, longestMs]),
)}

## Follow the run over time

Each line is a fifth of the run. The figures are medians; the heap is the minimum, which is about what remains after a garbage collection.
Late in the run the 99th percentile of the event-loop lag of the steady server was ${summary.lateP99LagMs.toFixed(1)} ms.

${table(
  [
    '',
    'steady RSS, MB',
    'steady heap, minimum, MB',
    'steady file descriptors',
    'restarted RSS, MB',
    'Redis keys',
    'Redis memory, MB',
  ],
  summary.course.map((part) => [
    `${part.from} to ${part.to} s`,
    oneDecimal(part.steadyRssMb),
    oneDecimal(part.steadyHeapMb),
    part.steadyOpenFds,
    oneDecimal(part.restartedRssMb),
    part.redisKeys,
    oneDecimal(part.redisMemoryMb),
  ]),
)}

\`docs/evidence/soak.json\` has these results and one sample a minute. [Production](../operate/production.md) and
[Observability](../operate/observability.md) explain what to configure and what to monitor.
`;
}
