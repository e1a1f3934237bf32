/** The servers of a run and their Redis, and the faults that happen to them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BadNetwork, type Condition, startBadNetwork } from '../../../tests/support/bad-network.ts';
import { type LocalCluster, startCluster } from '../../../tests/support/cluster.ts';
import { end, type LocalRedis, startRedis, tell, until } from '../../../tests/support/redis.ts';
import { type LocalServer, startServer } from '../../../tests/support/server.ts';
import { type Place, placeOf } from '../../lab/soak/servers.ts';

/** Redis is alone, or a cluster of three primaries with a replica each. */
export type Topology = 'alone' | 'cluster';

/** What a run is made of. */
export interface StageSettings {
  topology: Topology;
  servers: number;
  /** The processes of the last server. */
  workers: number;
  /** Modules that the servers load before their own: planted faults. */
  preload: string[];
}

/** Running servers. */
export interface Stage {
  places: Place[];
  redisEnv: Record<string, string>;
  /** Makes a fault happen. Resolves when its cause is gone. */
  inject(name: string, forMs: number, server: number): Promise<void>;
  stop(): Promise<void>;
}

const conditions: Record<string, Condition> = {
  'redis-reset': 'reset',
  'redis-blackhole': 'blackhole',
  'redis-unanswered': 'unanswered',
  'redis-half-closed': 'half-closed',
  'redis-slow': 'slow',
};

/** The faults of each topology by name. */
export const faultsOf: Record<Topology, string[]> = {
  alone: ['redis-killed', 'redis-paused', ...Object.keys(conditions), 'server-killed'],
  cluster: ['failover', 'redis-paused', 'server-killed'],
};

/** A Redis with everything on disk before it replies, and a network to it for each server. */
async function startAlone(servers: number) {
  const directory = await mkdtemp(join(tmpdir(), 'portico-histories-'));
  let redis: LocalRedis = await startRedis({ directory });
  const networks = await Promise.all(Array.from({ length: servers }, () => startBadNetwork(redis.port)));
  return {
    env: { REDIS_URL: redis.url },
    envOf: (server: number): Record<string, string> => ({ REDIS_URL: `redis://127.0.0.1:${networks[server]?.port}` }),
    node: () => redis,
    async kill(forMs: number) {
      await end(redis.process, 'SIGKILL');
      await sleep(forMs);
      redis = await startRedis({ directory, port: redis.port });
    },
    network: (server: number): BadNetwork => networks[server] as BadNetwork,
    async stop() {
      for (const network of networks) network.stop();
      await redis.stop();
      await rm(directory, { recursive: true });
    },
  };
}

/** After this time without a reply a node counts as failed, in ms: much longer than a fault pauses it. Only a planned failover loses nothing. */
const nodeTimeoutMs = 20_000;
/** Redis lets a node become the primary again after four times that. https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/ */
const restMs = 4 * nodeTimeoutMs + 1000;
/** How long a planned failover takes at most, before Redis gives it up, in ms. */
const plannedMs = 5000;

/** Starts Redis and the servers. @throws MissingBinary; Error if they do not start */
export async function startStage({ topology, servers, workers, preload }: StageSettings): Promise<Stage> {
  const alone = topology === 'alone' ? await startAlone(servers) : undefined;
  const cluster: LocalCluster | undefined = topology === 'cluster' ? await startCluster({ nodeTimeoutMs }) : undefined;
  const redisEnv = alone?.env ?? (cluster as LocalCluster).env;
  const started: LocalServer[] = [];
  const start = async (server: number) => {
    const env = {
      ...{ PORT: '0', HOST: '127.0.0.1', NODE_ENV: 'production', WORKSPACE_QUOTA_MB: '0', USER_QUOTA_KB: '0' },
      ...(alone?.envOf(server) ?? redisEnv),
      WORKERS: server === servers - 1 ? String(workers) : '1',
    };
    const running = await startServer(env, { keep: 100_000, preload });
    started.push(running);
    return running;
  };
  const stopAll = async () => {
    await Promise.all(started.map((server) => end(server.process, 'SIGKILL')));
    await (alone ?? cluster)?.stop();
  };

  const pause = async (redis: LocalRedis | undefined, forMs: number) => {
    redis?.process.kill('SIGSTOP');
    await sleep(forMs);
    redis?.process.kill('SIGCONT');
  };
  /** When each node became the primary, by its URL. */
  const promoted = new Map<string, number>();
  const roleOf = async (url: string) => (await tell<[string]>(url, 'ROLE'))[0];
  /** A replica takes over after it has everything: Redis promises that nothing is lost. */
  async function failOver(index: number): Promise<void> {
    const urls = (cluster as LocalCluster).nodes.map(({ url }) => url);
    const roles = await Promise.all(urls.map(async (url) => ({ url, role: await roleOf(url) })));
    const replicas = roles.filter(({ role }) => role === 'slave').map(({ url }) => url);
    const restedAt = (url: string) => (promoted.get(url) ?? -restMs) + restMs;
    const rested = replicas.filter((url) => restedAt(url) <= performance.now());
    const candidates = rested.length > 0 ? rested : replicas.toSorted((a, b) => restedAt(a) - restedAt(b)).slice(0, 1);
    const url = candidates[index % candidates.length] ?? '';
    await sleep(Math.max(0, restedAt(url) - performance.now()));
    let begun = Number.NEGATIVE_INFINITY;
    const takesOver = async () => {
      // Redis gives up if the primary does not reply, and the replica does not begin again by itself.
      if (performance.now() - begun > plannedMs + 1000) {
        begun = performance.now();
        await tell(url, 'CLUSTER', 'FAILOVER');
      }
      return (await roleOf(url)) === 'master';
    };
    await until('the replica is the primary', takesOver, restMs + 30_000);
    promoted.set(url, performance.now());
  }

  try {
    const places = (await Promise.all(Array.from({ length: servers }, (_, i) => start(i)))).map((server, i) =>
      placeOf(String.fromCharCode(97 + i), server),
    );
    return {
      places,
      redisEnv,
      async inject(name, forMs, index) {
        const condition = conditions[name];
        if (condition !== undefined) {
          const network = alone?.network(index);
          network?.set(condition);
          await sleep(forMs);
          // No connection goes on after it has lost bytes.
          if (condition !== 'slow') network?.set('reset');
          network?.set('open');
        } else if (name === 'redis-killed') await alone?.kill(forMs / 2);
        else if (name === 'redis-paused') await pause(alone?.node() ?? cluster?.nodes[index], forMs);
        else if (name === 'failover') await failOver(index);
        else if (name === 'server-killed') {
          const place = places[index] as Place;
          await end(place.server.process, 'SIGKILL');
          place.server = await start(index);
        } else throw new Error(`there is no fault ${name}`);
      },
      async stop() {
        for (const { agent } of places) agent.destroy();
        await stopAll();
      },
    };
  } catch (error) {
    await stopAll();
    throw error;
  }
}
