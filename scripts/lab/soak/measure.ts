/** The measurements of a soak test: the metrics of the servers, and INFO and LATENCY of Redis. */
import { createClient } from 'redis';

/** A sample of a server. Sizes are in bytes. */
export interface ServerSample {
  rss: number;
  heapUsed: number;
  openFds: number;
  connections: number;
  /** CPU time since the start of the process, in s. */
  cpuSeconds: number;
  p99LagMs: number;
  /** The maximum event-loop lag since the previous sample. */
  longestLagMs: number;
}

/** Reads the metrics of a server. Returns undefined if the server is unreachable. */
export async function sampleServer(metricsPort: number): Promise<ServerSample | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${metricsPort}/metrics`, { signal: AbortSignal.timeout(2000) });
    const text = await response.text();
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

/** A sample of Redis. Sizes are in bytes. */
export interface RedisSample {
  usedMemory: number;
  keys: number;
  clients: number;
  stalls: Stall[];
}

/** A stall of Redis, of a server, or of the machine: its source, its time in Unix s, and its duration. */
export interface Stall {
  event: string;
  at: number;
  ms: number;
  /** The maximum number of seconds between the start of the stall and `at`. */
  before: number;
}

/** The minimum duration of a stall that counts, in ms. Servers stop waiting for Redis after 500 ms. */
export const stallMs = 300;

/** Samples Redis. Returns undefined if Redis is unreachable. */
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
      const kind = /\}:(?:ws_[^:]+:)?([a-z-]+)/.exec(name)?.[1] ?? name;
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
 * Detects stalls with a PING ten times a second over its own connection. The latency monitor of Redis does not notice a
 * stall if the machine gives Redis no CPU time.
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
