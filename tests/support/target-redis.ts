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

async function startAlone(): Promise<TargetRedis> {
  const { url, stop } = await startRedis();
  const client = await connect(url).connect();
  return {
    url,
    env: { REDIS_URL: url },
    client,
    everyNode: async (...command) => [await tell(url, ...command)],
    async stop() {
      client.destroy();
      await stop();
    },
  };
}

async function startSpread(): Promise<TargetRedis> {
  // What has no replica is as good a cluster, and sooner there.
  const { url, env, nodes, stop } = await startCluster({ replicas: 0 });
  const client = createCluster({ rootNodes: nodes.map((node) => ({ url: node.url })) });
  client.on('error', () => {});
  await client.connect();
  return {
    url,
    env,
    // What is asked here, both kinds of client answer alike.
    client: client as unknown as TargetRedis['client'],
    everyNode: (...command) => Promise.all(nodes.map((node) => tell(node.url, ...command))),
    async stop() {
      client.destroy();
      await stop();
    },
  };
}

const starters = { alone: startAlone, cluster: startSpread };

/** Starts one Redis, or a cluster where CONTRACT_REDIS is `cluster`. */
export async function startTargetRedis(): Promise<TargetRedis> {
  const chosen = process.env['CONTRACT_REDIS'] || 'alone';
  const start = starters[chosen as keyof typeof starters];
  if (start === undefined) throw new Error(`CONTRACT_REDIS is alone or cluster, not "${chosen}"`);
  return start();
}
