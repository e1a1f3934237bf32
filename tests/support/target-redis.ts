import { createClient, createCluster } from 'redis';
import { startCluster } from './cluster.ts';
import { startRedis, tell } from './redis.ts';

/** The Redis behind a server that is tested, and a look into it. */
export interface TargetRedis {
  url: string;
  /** The settings of a server that is to use it. */
  env: Record<string, string>;
  /** Spans all nodes, where there are several. */
  client: ReturnType<typeof connect>;
  /** What each node answers to a command. */
  everyNode(...command: string[]): Promise<string[]>;
  stop(): Promise<void>;
}

function connect(url: string) {
  const client = createClient({ url });
  client.on('error', () => {});
  return client;
}

/** A look into a Redis that runs already; `stop` only disconnects. */
export async function openTargetRedis({ url, env }: Pick<TargetRedis, 'url' | 'env'>): Promise<TargetRedis> {
  const nodes = url.split(',');
  const everyNode: TargetRedis['everyNode'] = (...command) => Promise.all(nodes.map((node) => tell(node, ...command)));
  const client =
    env['REDIS_MODE'] === 'cluster'
      ? // What is asked here, both kinds of client answer alike.
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
  // What has no replica is as good a cluster, and sooner there.
  cluster: () => startCluster({ replicas: 0 }),
};

/** Starts one Redis, or a cluster where CONTRACT_REDIS is `cluster`. */
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
