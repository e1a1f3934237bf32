import { isForbidden, type Redis, StoreUnavailable } from './redis.ts';

/** The health of one Redis node. A field is undefined if the node does not report it. */
export interface NodeHealth {
  version: string;
  /** Whether it writes an append-only file. */
  appendOnly: boolean | undefined;
  snapshots: boolean | undefined;
  maxMemoryPolicy: string | undefined;
  maxMemory: number | undefined;
  /** How many replicas a primary has; undefined for a replica. */
  replicas: number | undefined;
  /** Whether a primary refuses writes when it has fewer replicas than `min-replicas-to-write`. */
  needsReplicas: boolean;
  /** How far the clock of this machine is ahead of Redis, in ms. */
  clockSkewMs: number;
  /** The commands that the ACL forbids. Ignore the fields above that are read with one of them. */
  forbidden: ('INFO' | 'TIME')[];
}

/** One node with its health. */
export interface HealthOfNode {
  /** `host:port` */
  address: string;
  /** The address of its primary, for a replica. */
  replicaOf?: string;
  /** Undefined if the node is unavailable. */
  health: NodeHealth | undefined;
}

/** The nodes behind the store. */
export interface RedisHealth {
  /** Whether the mode needs replicas: a cluster, and Sentinel. */
  isSpread: boolean;
  nodes: HealthOfNode[];
}

type Node = Parameters<Redis['onNode']>[0];

/** The reply, or undefined if the ACL forbids the command: Redis is there, but may not be asked. */
const ifAllowed = <T>(reply: Promise<T>): Promise<T | undefined> =>
  reply.catch((error: unknown) => {
    if (isForbidden(error)) return undefined;
    throw error;
  });

/** Reads the health of one node. A managed Redis often refuses CONFIG, so most fields come from INFO. */
async function readNode(redis: Redis, node: Node): Promise<NodeHealth | undefined> {
  const asked = redis.onNode(node, async (client) => {
    const save = client.configGet('save').catch(() => undefined);
    const [info, time] = await Promise.all([ifAllowed(client.info()), ifAllowed(client.time())]);
    return { info, time, now: Date.now(), save: await save };
  });
  const answer = await asked.catch((error) => {
    if (error instanceof StoreUnavailable) return undefined;
    throw error;
  });
  if (answer === undefined) return undefined;
  const { info, time, now, save } = answer;
  const fields = new Map((info ?? '').split('\r\n').map((line) => line.split(':', 2) as [string, string]));
  const number = (name: string) => (fields.has(name) ? Number(fields.get(name)) : undefined);
  const appendOnly = number('aof_enabled');
  const isPrimary = fields.get('role') === 'master';
  return {
    version: fields.get('valkey_version') ?? fields.get('redis_version') ?? 'unknown',
    appendOnly: appendOnly === undefined ? undefined : appendOnly === 1,
    snapshots: save && save['save'] !== '',
    maxMemoryPolicy: fields.get('maxmemory_policy'),
    maxMemory: number('maxmemory'),
    replicas: isPrimary ? number('connected_slaves') : undefined,
    // Redis has this field only if the setting is more than 0.
    needsReplicas: fields.has('min_slaves_good_slaves'),
    clockSkewMs: time === undefined ? 0 : now - (Number(time[0]) * 1000 + Number(time[1]) / 1000),
    forbidden: [...(info === undefined ? ['INFO' as const] : []), ...(time === undefined ? ['TIME' as const] : [])],
  };
}

/**
 * Reads the health of every node, replicas too: each may become the primary.
 *
 * @throws StoreUnavailable if no node lists the others
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
