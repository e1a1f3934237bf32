/** Drives a server to twice of what it can do, with slow clients among the others, and judges what callers get. */
import { readFile } from 'node:fs/promises';
import { startRedis } from '../../../tests/support/redis.ts';
import { startServer } from '../../../tests/support/server.ts';
import { call, newTenant, type Tenant } from '../../../tests/support/tenant.ts';
import { moveToCore } from '../../lab/cores.ts';
import { type CpuShare, limitCpu } from '../../lab/cpu-share.ts';
import { cpuTimeMs } from '../../lab/cpu-time.ts';
import { rawRequest } from '../../lab/raw-client.ts';
import { deadlineMs, type Outcome, sendOpenLoop, slowClients } from './open-loop.ts';
import { type RunningProxy, startProxy } from './proxy.ts';

/** The load of one phase, as a multiple of the capacity. */
interface Phase extends Outcome {
  load: number;
  /** Requests per second in a closed loop, right before. */
  capacity: number;
  /** The CPU time that the server took, in ms. */
  cpuMs: number;
  /** The largest resident memory of the server, in MB. */
  rssMb: number;
  /** The slowest `GET /v2/liveness`, in ms. */
  livenessMs: number;
}

/** The machine is not always as fast, so each round finds the capacity again, and has all of it before it has more. */
interface Round {
  /** With the load that it can just serve. */
  peak: Phase;
  overloaded: Phase;
}

export interface OverloadResult {
  /** Half of the capacity, before the rounds and after them. */
  before: Phase;
  rounds: Round[];
  after: Phase;
}

export interface OverloadOptions {
  /** How long each phase takes. Those with the overload take `overloadSeconds` each. */
  seconds: number;
  overloadSeconds: number;
  /** How often the server is overloaded. */
  rounds: number;
  /** The load of that phase, as a multiple of the capacity. Infinite: each connection sends its next request with the response to its last one. */
  factor?: number;
  connections: number;
  slow: number;
  /** Stops Redis for so many ms at the begin of each overload, so that requests pile up also where the load itself gets little of the machine. */
  stallMs?: number;
  /** Gives the server a core of its own, and the other one to the load and Redis: nothing else takes time from the server. */
  isPinned?: boolean;
  /** The part of its core that the server gets, such as 0.4; otherwise all of it. */
  cpuShare?: number;
  /** Puts HAProxy in front of the server, on the core of the load, which refuses what is beyond so many requests at the same time. */
  proxyLimit?: number;
  env?: Record<string, string>;
}

/** How often each call is in ten of the load: the checks of keys and sessions, and what a user and a backend do now and then. */
const shares = { 'keys.verifyKey': 5, 'portal.getSession': 2, 'portal.listKeys': 2, 'portal.createSession': 1 };
/** The number of users of the load, each with a session and a key. */
const users = 20;

/** The requests of the load: ten for each user. */
async function requestsOf(url: string, { rootKey, apiId, createSession }: Tenant): Promise<Buffer[]> {
  const of = async (): Promise<Buffer[]> => {
    const { data, externalId } = await createSession(url);
    const exchanged = await call(url, 'portal.exchangeSession', '', { sessionId: data['sessionId'] });
    const token = String(exchanged.data['token']);
    const made = await call(url, 'portal.createKey', token, { apiId, name: 'Load' });
    if (made.status !== 200) throw new Error(made.broken);
    const bodies: Record<keyof typeof shares, [string, unknown]> = {
      'keys.verifyKey': [rootKey, { key: made.data['key'] }],
      'portal.getSession': [token, {}],
      'portal.listKeys': [token, { apiId }],
      'portal.createSession': [rootKey, { slug: 'my-portal', externalId, permissions: ['api.*.read_key'] }],
    };
    return Object.entries(bodies).flatMap(([operation, [bearer, body]]) => {
      const request = rawRequest(url, operation, bearer, body);
      return Array.from({ length: shares[operation as keyof typeof shares] }, () => request);
    });
  };
  const all: Buffer[][] = [];
  for (let user = 0; user < users; user++) all.push(await of());
  // One request of each user in turn, so that the kinds are mixed.
  return all[0]?.flatMap((_, i) => all.map((ofUser) => ofUser[i] as Buffer)) ?? [];
}

async function rssMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}

/** Ten minutes of new sessions are more than a few users may have. */
const unbounded = { USER_QUOTA_KB: '0', WORKSPACE_QUOTA_MB: '0' };

/** Runs all phases on a server of their own. */
export async function overload(options: OverloadOptions): Promise<OverloadResult> {
  const {
    seconds,
    overloadSeconds,
    rounds,
    factor = 2,
    connections,
    slow,
    stallMs = 0,
    isPinned = false,
    cpuShare,
    proxyLimit,
    env = {},
  } = options;
  const redis = await startRedis();
  // It logs each request, as in production.
  const settings = { REDIS_URL: redis.url, REDIS_MODE: 'standalone', PORT: '0', HOST: '127.0.0.1' };
  const own = { ...settings, NODE_ENV: 'production', METRICS_PORT: '', ...unbounded, ...env };
  const server = await startServer(own, { keep: 100_000 }).catch(async (error: unknown) => {
    await redis.stop();
    throw error;
  });
  let proxy: RunningProxy | undefined;
  let limited: CpuShare | undefined;
  try {
    if (proxyLimit !== undefined) proxy = await startProxy(server.port, proxyLimit);
    const port = proxy?.port ?? server.port;
    const tenant = await newTenant({ REDIS_URL: redis.url }, server.url);
    const requests = await requestsOf(server.url, tenant);
    const toSlow = rawRequest(server.url, 'keys.verifyKey', tenant.rootKey, { key: 'portico_unknown_key' });
    if (isPinned) {
      moveToCore(0, server.process.pid);
      for (const pid of [redis.process.pid, proxy?.process.pid ?? process.pid, process.pid]) moveToCore(1, pid);
    }
    const pid = server.process.pid ?? 0;
    if (cpuShare !== undefined) limited = await limitCpu(pid, cpuShare);
    const capacityNow = async (forSeconds: number) =>
      (
        await sendOpenLoop(port, requests, {
          rate: Number.POSITIVE_INFINITY,
          connections: 32,
          seconds: forSeconds,
        })
      ).goodput;
    const phase = async (load: number, capacity: number, forSeconds = seconds): Promise<Phase> => {
      const seen = { rssMb: 0, livenessMs: 0 };
      const watch = setInterval(async () => {
        const begun = performance.now();
        seen.rssMb = Math.max(seen.rssMb, await rssMb(pid));
        await fetch(`${server.url}/v2/liveness`).catch(() => {});
        seen.livenessMs = Math.max(seen.livenessMs, performance.now() - begun);
      }, 200);
      const cpuMs = cpuTimeMs(pid);
      const outcome = await sendOpenLoop(port, requests, {
        // A capacity of nothing, on a machine that stood still, times infinity is no number.
        rate: load === Number.POSITIVE_INFINITY ? load : capacity * load,
        connections,
        seconds: forSeconds,
      });
      clearInterval(watch);
      return { load, capacity, cpuMs: cpuTimeMs(pid) - cpuMs, ...outcome, ...seen };
    };
    // The first one warms up.
    await capacityNow(Math.min(seconds, 2));
    const before = await phase(0.5, await capacityNow(seconds));
    const done: Round[] = [];
    for (let round = 0; round < rounds; round++) {
      const capacity = await capacityNow(seconds);
      const peak = await phase(1, capacity);
      const slowOnes = slowClients(port, toSlow, slow);
      if (stallMs > 0) {
        redis.process.kill('SIGSTOP');
        setTimeout(() => redis.process.kill('SIGCONT'), stallMs);
      }
      const overloaded = await phase(factor, capacity, overloadSeconds);
      slowOnes.stop();
      done.push({ peak, overloaded });
    }
    // A capacity that was measured while the machine stood still would send nothing, and a short phase on such a machine serves nothing.
    const half = Math.max(done.at(-1)?.peak.capacity ?? before.capacity, 20 / seconds);
    let after = await phase(0.5, half);
    for (let again = 0; again < 20 && after.ok + after.late === 0; again++) after = await phase(0.5, half);
    return { before, rounds: done, after };
  } finally {
    await proxy?.stop();
    await server.stop();
    await limited?.remove();
    await redis.stop();
  }
}

/** How much more memory the overload may take than the load before it, in MB. */
const moreMemoryMb = 200;

/** A part of the promise. `isTimed` says that it depends on how fast the machine is at that moment. */
export interface Point {
  held: boolean;
  sentence: string;
  isTimed: boolean;
}

/** The smallest, the middle and the largest of some values. */
export interface Spread {
  least: number;
  median: number;
  most: number;
}

const spreadOf = (values: number[]): Spread => {
  const sorted = values.toSorted((a, b) => a - b);
  return { least: sorted[0] ?? 0, median: sorted[Math.floor(sorted.length / 2)] ?? 0, most: sorted.at(-1) ?? 0 };
};

/**
 * What a request costs the server while it is overloaded, in µs of CPU time over all rounds.
 *
 * A served one is taken to cost as much as at the peak, and a refused one the rest. If a refusal costs the part r of a served one, a core that is
 * busy all the time can serve the part (1 − n r) / (1 − r) of its capacity at n times the capacity.
 */
export function costs({ rounds }: OverloadResult): { served: Spread; refused: Spread } {
  const each = rounds.map(({ peak, overloaded }) => {
    const served = (1000 * peak.cpuMs) / (peak.ok + peak.late);
    const rest = 1000 * overloaded.cpuMs - served * (overloaded.ok + overloaded.late);
    return { served, refused: rest / overloaded.refused };
  });
  return { served: spreadOf(each.map(({ served }) => served)), refused: spreadOf(each.map(({ refused }) => refused)) };
}

/** What the promise says, each with whether it held in every round; the goodput in the middle one. */
export function judge({ rounds, after }: OverloadResult): Point[] {
  const overloaded = rounds.map((round) => round.overloaded);
  const sum = (of: (phase: Phase) => number) => overloaded.reduce((total, phase) => total + of(phase), 0);
  const most = (of: (phase: Phase) => number) => Math.max(...overloaded.map(of));
  const parts = spreadOf(rounds.map(({ peak, overloaded: { goodput } }) => goodput / peak.goodput));
  const percent = (value: number) => `${Math.round(value * 100)} %`;
  const refused = sum((phase) => phase.refused);
  const ok = sum((phase) => phase.ok);
  const late = sum((phase) => phase.late);
  const broken = sum((phase) => phase.broken);
  const okP99 = most((phase) => phase.okP99);
  const refusedP99 = most((phase) => phase.refusedP99);
  const livenessMs = most((phase) => phase.livenessMs);
  const rss = most((phase) => phase.rssMb);
  // Later peaks come after an overload, so they would hide what it leaves.
  const peakRss = rounds[0]?.peak.rssMb ?? 0;
  const example = overloaded.find((phase) => phase.example)?.example;
  return [
    {
      held: parts.median >= 0.8,
      sentence: `at ${overloaded[0]?.load} times the capacity the goodput is ${percent(parts.median)} of the peak (${percent(parts.least)} to ${percent(parts.most)} in ${rounds.length} rounds)`,
      isTimed: true,
    },
    { held: refused > 0, sentence: `${refused} requests are refused with Retry-After`, isTimed: false },
    {
      held: refusedP99 <= deadlineMs,
      sentence: `99 % of the refusals come within ${Math.round(refusedP99)} ms`,
      isTimed: true,
    },
    {
      held: late <= 0.01 * (ok + late) && okP99 <= deadlineMs,
      sentence: `99 % of the accepted requests get their response within ${Math.round(okP99)} ms, and ${late} later than ${deadlineMs} ms`,
      isTimed: true,
    },
    {
      held: ok + late > 0 && after.ok + after.late > 0,
      sentence: `${ok + late} requests are served, and ${after.ok + after.late} afterwards`,
      isTimed: false,
    },
    {
      held: broken === 0,
      sentence: `${broken} other responses${example ? `, such as ${example}` : ''}`,
      isTimed: false,
    },
    {
      held: rss <= peakRss + moreMemoryMb,
      sentence: `the memory of the server is ${Math.round(rss)} MB, and ${Math.round(peakRss)} MB before the first overload`,
      isTimed: false,
    },
    {
      held: livenessMs <= deadlineMs,
      sentence: `the slowest liveness probe takes ${Math.round(livenessMs)} ms`,
      isTimed: true,
    },
    {
      held: after.okP99 <= deadlineMs && after.late === 0 && after.refused <= 0.01 * after.ok,
      sentence: `right after the overload, 99 % of the responses at half the capacity come within ${Math.round(after.okP99)} ms, and ${after.refused} requests are refused`,
      isTimed: true,
    },
  ];
}
