import { createClient, createCluster } from 'redis';
import { startCluster } from './cluster.ts';
import { startRedis, tell } from './redis.ts';

/** The Redis of a tested server, with access to its data. */
export interface TargetRedis {
  url: string;
  /** The settings for a server that uses it. */
  env: Record<string, string>;
  /** A client for the Redis, or for all nodes of a cluster. */
  client: ReturnType<typeof connect>;
  /** Sends a command to every node and returns the replies. */
  everyNode(...command: string[]): Promise<string[]>;
  stop(): Promise<void>;
}

function connect(url: string) {
  const client = createClient({ url });
  client.on('error', () => {});
  return client;
}

/** Connects to a running Redis; `stop` only disconnects. */
export async function openTargetRedis({ url, env }: Pick<TargetRedis, 'url' | 'env'>): Promise<TargetRedis> {
  const nodes = url.split(',');
  const everyNode: TargetRedis['everyNode'] = (...command) => Promise.all(nodes.map((node) => tell(node, ...command)));
  const client =
    env['REDIS_MODE'] === 'cluster'
      ? // Both kinds of client return the same replies to the commands of the tests.
        (createCluster({ rootNodes: nodes.map((node) => ({ url: node })) }) as unknown as TargetRedis['client'])
      : connect(url);
  client.on('error', () => {});
  await client.connect();
  return { url, env, client, everyNode, stop: async () => client.destroy() };
}

const starters = {
  alone: async () => {
    const { url, stop } = await startRedis();
    return { url, env: { REDIS_URL: url }, stop };
  },
  // A cluster without replicas is sufficient and starts faster.
  cluster: () => startCluster({ replicas: 0 }),
};

/** Starts one Redis, or a cluster if CONTRACT_REDIS is `cluster`. */
export async function startTargetRedis(): Promise<TargetRedis> {
  const chosen = process.env['CONTRACT_REDIS'] || 'alone';
  const start = starters[chosen as keyof typeof starters];
  if (start === undefined) throw new Error(`CONTRACT_REDIS is alone or cluster, not "${chosen}"`);
  const redis = await start();
  const opened = await openTargetRedis(redis);
  return {
    ...opened,
    async stop() {
      await opened.stop();
      await redis.stop();
    },
  };
}
