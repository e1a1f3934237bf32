/** Drives a server to twice of what it can do, with slow clients among the others, and judges what callers get. */
import { readFile } from 'node:fs/promises';
import { startRedis } from '../../../tests/support/redis.ts';
import { startServer } from '../../../tests/support/server.ts';
import { call, newTenant, type Tenant } from '../../../tests/support/tenant.ts';
import { moveToCore } from '../../lab/cores.ts';
import { rawRequest } from '../../lab/raw-client.ts';
import { deadlineMs, type Outcome, sendOpenLoop, slowClients } from './open-loop.ts';

/** The load of one phase, as a multiple of the capacity. */
interface Phase extends Outcome {
  load: number;
  /** The largest resident memory of the server, in MB. */
  rssMb: number;
  /** The slowest `GET /v2/liveness`, in ms. */
  livenessMs: number;
}

export interface OverloadResult {
  /** Requests per second in a closed loop. */
  capacity: number;
  phases: Phase[];
}

export interface OverloadOptions {
  /** How long each phase takes. The one with the overload takes `overloadSeconds`. */
  seconds: number;
  overloadSeconds: number;
  /** The load of that phase, as a multiple of the capacity. */
  factor?: number;
  connections: number;
  slow: number;
  /** Gives the server a core of its own, and the other one to the load and Redis: nothing else takes time from the server. */
  isPinned?: boolean;
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
  const { seconds, overloadSeconds, factor = 2, connections, slow, isPinned = false, env = {} } = options;
  const redis = await startRedis();
  // It logs each request, as in production.
  const settings = { REDIS_URL: redis.url, REDIS_MODE: 'standalone', PORT: '0', HOST: '127.0.0.1' };
  const own = { ...settings, NODE_ENV: 'production', METRICS_PORT: '', ...unbounded, ...env };
  const server = await startServer(own, { keep: 100_000 }).catch(async (error: unknown) => {
    await redis.stop();
    throw error;
  });
  try {
    const tenant = await newTenant({ REDIS_URL: redis.url }, server.url);
    const requests = await requestsOf(server.url, tenant);
    const toSlow = rawRequest(server.url, 'keys.verifyKey', tenant.rootKey, { key: 'portico_unknown_key' });
    if (isPinned) {
      moveToCore(0, server.process.pid);
      for (const pid of [redis.process.pid, process.pid]) moveToCore(1, pid);
    }
    const closed = { rate: Number.POSITIVE_INFINITY, connections: 32, seconds };
    // The first one warms up.
    await sendOpenLoop(server.port, requests, { ...closed, seconds: Math.min(seconds, 2) });
    const capacity = (await sendOpenLoop(server.port, requests, closed)).goodput;
    const phases: Phase[] = [];
    for (const load of [0.5, 1, factor, 0.5]) {
      const seen = { rssMb: 0, livenessMs: 0 };
      const watch = setInterval(async () => {
        const begun = performance.now();
        seen.rssMb = Math.max(seen.rssMb, await rssMb(server.process.pid ?? 0));
        await fetch(`${server.url}/v2/liveness`).catch(() => {});
        seen.livenessMs = Math.max(seen.livenessMs, performance.now() - begun);
      }, 200);
      const slowOnes = load === factor ? slowClients(server.port, toSlow, slow) : undefined;
      const how = { rate: capacity * load, connections, seconds: load === factor ? overloadSeconds : seconds };
      const outcome = await sendOpenLoop(server.port, requests, how);
      slowOnes?.stop();
      clearInterval(watch);
      phases.push({ load, ...outcome, ...seen });
    }
    return { capacity, phases };
  } finally {
    await server.stop();
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

/** What the promise says, each with whether it held. */
export function judge({ phases }: OverloadResult): Point[] {
  const [, one, two, after] = phases;
  if (one === undefined || two === undefined || after === undefined) throw new Error('a phase is missing');
  const peak = Math.max(...phases.map(({ goodput }) => goodput));
  const part = two.goodput / peak;
  const percent = (value: number) => `${Math.round(value * 100)} %`;
  return [
    {
      held: part >= 0.8,
      sentence: `at ${two.load} times the capacity the goodput is ${percent(part)} of the peak of ${Math.round(peak)} a second`,
      isTimed: true,
    },
    { held: two.refused > 0, sentence: `${two.refused} requests are refused with Retry-After`, isTimed: false },
    {
      held: two.refusedP99 <= deadlineMs,
      sentence: `99 % of the refusals come within ${Math.round(two.refusedP99)} ms`,
      isTimed: true,
    },
    {
      held: two.late <= 0.01 * (two.ok + two.late) && two.okP99 <= deadlineMs,
      sentence: `99 % of the accepted requests get their response within ${Math.round(two.okP99)} ms, and ${two.late} later than ${deadlineMs} ms`,
      isTimed: true,
    },
    {
      held: two.ok > 0 && after.ok > 0,
      sentence: `${two.ok} requests are served, and ${after.ok} afterwards`,
      isTimed: false,
    },
    {
      held: two.broken === 0,
      sentence: `${two.broken} other responses${two.example && `, such as ${two.example}`}`,
      isTimed: false,
    },
    {
      held: two.rssMb <= one.rssMb + moreMemoryMb,
      sentence: `the memory of the server is ${Math.round(two.rssMb)} MB, and ${Math.round(one.rssMb)} MB before`,
      isTimed: false,
    },
    {
      held: two.livenessMs <= deadlineMs,
      sentence: `the slowest liveness probe takes ${Math.round(two.livenessMs)} ms`,
      isTimed: true,
    },
    {
      held: after.okP99 <= deadlineMs && after.late === 0 && after.refused <= 0.01 * after.ok,
      sentence: `right after the overload, 99 % of the responses at half the capacity come within ${Math.round(after.okP99)} ms, and ${after.refused} requests are refused`,
      isTimed: true,
    },
  ];
}
