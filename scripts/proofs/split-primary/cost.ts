/** What REDIS_WAIT_REPLICAS costs: servers that wait for 0, 1 and 2 replicas take turns on one primary with two replicas. */
import { startRedis, tell, until } from '../../../tests/support/redis.ts';
import { type LocalServer, startServer } from '../../../tests/support/server.ts';
import { newTenant } from '../../../tests/support/tenant.ts';

/** What one server needed, over all turns. */
export interface Cost {
  wait: number;
  /** Median and 99th percentile of the time until a response, in ms, for one client and for many. */
  alone: { median: number; p99: number };
  together: { median: number; p99: number };
  /** Calls per second of the many clients. */
  perSecond: number;
  /** The CPU time of the primary for each call of the many clients, in µs. */
  redisMicroseconds: number;
}

const clients = 32;

const percentile = (sorted: number[], part: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
const summary = (times: number[]) => {
  const sorted = times.toSorted((a, b) => a - b);
  return { median: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) };
};

/** The CPU time that Redis has used, in µs. */
async function cpuOf(url: string): Promise<number> {
  const info = await tell(url, 'INFO', 'cpu');
  const seconds = ['sys', 'user'].map((kind) => Number(new RegExp(`used_cpu_${kind}:([\\d.]+)`).exec(info)?.[1]));
  return seconds.reduce((sum, one) => sum + one, 0) * 1e6;
}

/** Measures the creation of sessions, with this many turns of each server. */
export async function measure(turns: number): Promise<Cost[]> {
  const running: { stop(): Promise<unknown> }[] = [];
  const kept = async <T extends { stop(): Promise<unknown> }>(started: Promise<T>): Promise<T> => {
    const one = await started;
    running.push(one);
    return one;
  };
  try {
    const options = ['--repl-diskless-sync-delay', '0'];
    const primary = await kept(startRedis({ options }));
    for (let i = 0; i < 2; i++) {
      const own = ['--dbfilename', `cost-${primary.port}-${i}.rdb`, '--replicaof', `127.0.0.1 ${primary.port}`];
      const { url } = await kept(startRedis({ options: [...options, ...own] }));
      await until('the replica follows', async () =>
        (await tell(url, 'INFO', 'replication')).includes('link_status:up'),
      );
    }
    const base = { PORT: '0', HOST: '127.0.0.1', NODE_ENV: 'production', LOG_LEVEL: 'info', REDIS_URL: primary.url };
    const servers: { wait: number; server: LocalServer }[] = [];
    for (const wait of [0, 1, 2])
      servers.push({
        wait,
        server: await kept(startServer({ ...base, REDIS_WAIT_REPLICAS: String(wait) }, { keep: 1000 })),
      });
    const tenant = await newTenant({ REDIS_URL: primary.url }, servers[0]?.server.url ?? '');
    const once = async (url: string) => {
      const { status, ms, broken } = await tenant.createSession(url);
      if (status !== 200) throw new Error(broken ?? `a call was refused with ${status}`);
      return ms;
    };
    const seen = servers.map(({ wait }) => ({ wait, alone: [] as number[], together: [] as number[], ms: 0, cpu: 0 }));
    for (let turn = -1; turn < turns; turn++)
      for (const [i, { server }] of servers.entries()) {
        const own = seen[i];
        const alone: number[] = [];
        for (let n = 0; n < 100; n++) alone.push(await once(server.url));
        const [cpu, begun] = [await cpuOf(primary.url), performance.now()];
        const together = await Promise.all(
          Array.from({ length: clients }, async () => {
            const times: number[] = [];
            for (let n = 0; n < 30; n++) times.push(await once(server.url));
            return times;
          }),
        );
        // The first turn warms everything up.
        if (own === undefined || turn < 0) continue;
        own.ms += performance.now() - begun;
        own.cpu += (await cpuOf(primary.url)) - cpu;
        own.alone.push(...alone);
        own.together.push(...together.flat());
      }
    return seen.map(({ wait, alone, together, ms, cpu }) => ({
      ...{ wait, alone: summary(alone), together: summary(together) },
      perSecond: (together.length / ms) * 1000,
      redisMicroseconds: cpu / together.length,
    }));
  } finally {
    for (const one of running.reverse()) await one.stop();
  }
}
