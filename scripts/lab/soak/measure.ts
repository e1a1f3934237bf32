/** What a soak measures, from outside: the servers by their metrics, Redis by what it says of itself. */
import { createClient } from 'redis';

/** A server at a moment. */
export interface ServerSample {
  rss: number;
  heapUsed: number;
  openFds: number;
  connections: number;
  /** Since its start, in s. */
  cpuSeconds: number;
  p99LagMs: number;
  /** The longest that its event loop was held up since the sample before. */
  longestLagMs: number;
}

/** Reads a server's metrics; undefined where it is away. */
export async function sampleServer(metricsPort: number): Promise<ServerSample | undefined> {
  try {
    const answer = await fetch(`http://127.0.0.1:${metricsPort}/metrics`, { signal: AbortSignal.timeout(2000) });
    const text = await answer.text();
    const read = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
    return {
      rss: read('process_resident_memory_bytes'),
      heapUsed: read('nodejs_heap_size_used_bytes'),
      openFds: read('process_open_fds'),
      connections: read('portico_http_connections'),
      cpuSeconds: read('process_cpu_seconds_total'),
      p99LagMs: read('nodejs_eventloop_lag_p99_seconds') * 1000,
      longestLagMs: read('nodejs_eventloop_lag_max_seconds') * 1000,
    };
  } catch {
    return undefined;
  }
}

/** Redis at a moment. */
export interface RedisSample {
  usedMemory: number;
  keys: number;
  clients: number;
  stalls: Stall[];
}

/** That Redis stood still, or a server did, or the whole machine: who noticed, when in Unix s, and for how long. */
export interface Stall {
  event: string;
  at: number;
  ms: number;
  /** How many seconds before `at` it may have begun. */
  before: number;
}

/** For how long Redis may stand still before it remembers that it has, in ms. Servers give up on it after 500. */
export const stallMs = 300;

/** Asks Redis; undefined where it is away. */
export async function sampleRedis(url: string): Promise<RedisSample | undefined> {
  const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: 500, socketTimeout: 1000 } });
  client.on('error', () => {});
  try {
    await client.connect();
    const info = await client.info();
    const read = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1]);
    const latest = (await client.sendCommand(['LATENCY', 'LATEST'])) as unknown as [string][];
    const histories = await Promise.all(
      latest.map(async ([event]) => {
        const points = (await client.sendCommand(['LATENCY', 'HISTORY', event])) as unknown as [number, number][];
        return points.map(([at, ms]) => ({ event, at, ms, before: 2 }));
      }),
    );
    return {
      usedMemory: read('used_memory'),
      keys: await client.dbSize(),
      clients: read('connected_clients') - 1,
      stalls: histories.flat(),
    };
  } catch {
    return undefined;
  } finally {
    client.destroy();
  }
}

/** Counts the keys of each kind, and how many of them have no TTL. */
export async function countKeys(url: string): Promise<Record<string, { keys: number; withoutTtl: number }>> {
  const client = await createClient({ url }).connect();
  const kinds: Record<string, { keys: number; withoutTtl: number }> = {};
  for await (const names of client.scanIterator({ COUNT: 1000 })) {
    const ttls = await Promise.all(names.map((name) => client.ttl(name)));
    names.forEach((name, i) => {
      const kind = /\}:([a-z-]+)/.exec(name)?.[1] ?? name;
      const count = kinds[kind] ?? { keys: 0, withoutTtl: 0 };
      kinds[kind] = count;
      count.keys++;
      if (ttls[i] === -1) count.withoutTtl++;
    });
  }
  client.destroy();
  return kinds;
}

/**
 * A second witness beside Redis's own monitor, which does not notice when the machine gives it no time: asks it ten times a
 * second, over a connection that no server has to do with, and notes when the answer takes too long.
 */
export async function watchStalls(url: string): Promise<{ stalls: Stall[]; stop: () => void }> {
  const stalls: Stall[] = [];
  const client = createClient({ url, disableOfflineQueue: true, socket: { reconnectStrategy: 100 } });
  client.on('error', () => {});
  await client.connect();
  const timer = setInterval(async () => {
    const begun = performance.now();
    await client.ping().catch(() => {});
    const ms = Math.round(performance.now() - begun);
    if (ms > stallMs) stalls.push({ event: 'ping', at: Math.round(Date.now() / 1000), ms, before: 2 });
  }, 100);
  return {
    stalls,
    stop() {
      clearInterval(timer);
      client.destroy();
    },
  };
}
