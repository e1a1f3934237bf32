import type { Redis } from './redis.ts';

/** What Redis says about itself; undefined where it may not be asked. */
export interface RedisHealth {
  version: string;
  /** Whether it writes an append-only file, or snapshots. */
  appendOnly: boolean | undefined;
  snapshots: boolean | undefined;
  maxMemoryPolicy: string | undefined;
  maxMemory: number | undefined;
  /** How far our clock is before Redis's, in ms. */
  clockSkewMs: number;
}

/** Asks Redis about itself. Managed ones often refuse CONFIG; what INFO tells is used then. */
export async function readHealth(redis: Redis): Promise<RedisHealth> {
  const [info, time] = await redis.run((client) => Promise.all([client.info(), client.time()]));
  const now = Date.now();
  const save = await redis.run((client) => client.configGet('save').catch(() => undefined));
  const fields = new Map(info.split('\r\n').map((line) => line.split(':', 2) as [string, string]));
  const number = (name: string) => (fields.has(name) ? Number(fields.get(name)) : undefined);
  const appendOnly = number('aof_enabled');
  return {
    version: fields.get('valkey_version') ?? fields.get('redis_version') ?? 'unknown',
    appendOnly: appendOnly === undefined ? undefined : appendOnly === 1,
    snapshots: save && save['save'] !== '',
    maxMemoryPolicy: fields.get('maxmemory_policy'),
    maxMemory: number('maxmemory'),
    clockSkewMs: now - (Number(time[0]) * 1000 + Number(time[1]) / 1000),
  };
}
