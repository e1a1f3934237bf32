import { type Redis, StoreUnavailable } from './redis.ts';

/** What one node of Redis says about itself; undefined where it may not be asked. */
export interface NodeHealth {
  version: string;
  /** Whether it writes an append-only file, or snapshots. */
  appendOnly: boolean | undefined;
  snapshots: boolean | undefined;
  maxMemoryPolicy: string | undefined;
  maxMemory: number | undefined;
  /** How far our clock is before Redis's, in ms. */
  clockSkewMs: number;
}

/** One node, and how it is. */
export interface HealthOfNode {
  /** `host:port` */
  address: string;
  /** The address of its primary, where it is a replica. */
  replicaOf?: string;
  /** Undefined where it cannot be reached. */
  health: NodeHealth | undefined;
}

/** What is behind the store. */
export interface RedisHealth {
  /** Whether there are to be replicas: in a cluster, and with Sentinel. */
  isSpread: boolean;
  nodes: HealthOfNode[];
}

type Node = Parameters<Redis['onNode']>[0];

/** Asks one node about itself. Managed ones often refuse CONFIG; what INFO tells is used then. */
async function readNode(redis: Redis, node: Node): Promise<NodeHealth | undefined> {
  const asked = redis.onNode(node, async (client) => {
    const save = client.configGet('save').catch(() => undefined);
    const [info, time] = await Promise.all([client.info(), client.time()]);
    return { info, time, now: Date.now(), save: await save };
  });
  const answer = await asked.catch((error) => {
    if (error instanceof StoreUnavailable) return undefined;
    throw error;
  });
  if (answer === undefined) return undefined;
  const { info, time, now, save } = answer;
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

/**
 * Asks every node about itself, replicas too: each of them may be the primary tomorrow.
 *
 * @throws StoreUnavailable where it is not even known which nodes there are
 */
export async function readHealth(redis: Redis): Promise<RedisHealth> {
  const nodes = await redis.nodes();
  const health = await Promise.all(nodes.map((node) => readNode(redis, node)));
  return {
    isSpread: redis.mode !== 'standalone',
    nodes: nodes.map(({ host, port, replicaOf }, i) => ({
      address: `${host}:${port}`,
      ...(replicaOf !== undefined && { replicaOf }),
      health: health[i],
    })),
  };
}
