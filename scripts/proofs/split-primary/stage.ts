/** A primary with replicas and servers, in a network that can be cut: on the old side the primary, on the new side who elects another. */
import { freePort } from '../../../contract-tests/targets/free-port.ts';
import { startCluster } from '../../../tests/support/cluster.ts';
import { end, type LocalRedis, startRedis, tell, until } from '../../../tests/support/redis.ts';
import { startSentinel } from '../../../tests/support/sentinel.ts';
import { type LocalServer, startServer } from '../../../tests/support/server.ts';
import { createSplitNetwork, type Member, type SplitNetwork } from '../../../tests/support/split-network.ts';
import { newTenant, type Tenant } from '../../../tests/support/tenant.ts';
import { CouldNotRun } from '../proof.ts';

/** A server of a stage. */
interface ServerSettings {
  name: string;
  side: 'old' | 'new';
  /** REDIS_WAIT_REPLICAS. */
  wait: number;
  /** Modules that it loads before its own: planted faults. */
  preload?: string[];
}

/** What a stage is made of. */
export interface StageSettings {
  /** By hand: a test makes the first replica the primary, and the servers of each side know only their own. */
  topology: 'sentinel' | 'cluster' | 'by hand';
  /** How many replicas each primary has, and how many of those stay on the old side. */
  replicas: number;
  companions: number;
  /** Whether a primary refuses writes without a replica. */
  minReplicas: boolean;
  servers: ServerSettings[];
}

/** A running stage. */
interface Stage {
  tenant: Tenant;
  urlOf(name: string): string;
  /** Cuts the network. @throws CouldNotRun if the primary has changed before: on a busy machine it can count as failed */
  cut(): Promise<void>;
  heal(): void;
  /** Waits until the new side has a primary. */
  elected(): Promise<unknown>;
  /** Waits until the old primary is a replica. */
  demoted(): Promise<unknown>;
  stop(): Promise<void>;
}

/** The time without a reply after which the new side begins to elect another primary, in ms. */
export const downAfterMs = 1000;
/** `min-replicas-max-lag`, in seconds. Redis allows 1, but replicas confirm once in a second. */
export const maxLagSeconds = 2;

const ownAddress = new URL('../../../tests/support/own-address.ts', import.meta.url).pathname;

/** The nodes of a topology. */
interface Nodes {
  /** The settings for the servers of each side. */
  env: Record<'old' | 'new', Record<string, string>>;
  /** Makes another primary, unless they do that by themselves. */
  elect?(): Promise<unknown>;
  all: LocalRedis[];
  primary: LocalRedis;
  /** The replicas of the primary on the new side. */
  candidates: LocalRedis[];
  oldSide: Member[];
  stop(): Promise<void>;
}

async function startWithSentinels(network: SplitNetwork, { replicas, companions }: StageSettings): Promise<Nodes> {
  const started = await startSentinel({ replicas, downAfterMs, network });
  const { env, primary, members, stop } = started;
  return {
    ...{ env: { old: env, new: env }, primary, stop },
    all: [primary, ...started.replicas],
    candidates: started.replicas.slice(companions),
    // One Sentinel is beside the old primary, and cannot elect alone.
    oldSide: [...members.nodes.slice(0, 1 + companions), ...members.sentinels.slice(0, 1)],
  };
}

const primaries = 3;

async function startOfCluster(network: SplitNetwork, { replicas, companions }: StageSettings): Promise<Nodes> {
  const { env, nodes, members, stop } = await startCluster({ replicas, nodeTimeoutMs: downAfterMs, network });
  /** The positions of the replicas of the first primary. */
  const own = Array.from({ length: replicas }, (_, i) => primaries * (i + 1));
  const at = <Item>(items: Item[], positions: number[]) => positions.map((position) => items[position] as Item);
  return {
    ...{ env: { old: env, new: env }, stop },
    all: nodes,
    primary: nodes[0] as LocalRedis,
    candidates: at(nodes, own.slice(companions)),
    oldSide: at(members, [0, ...own.slice(0, companions)]),
  };
}

async function startByHand(network: SplitNetwork): Promise<Nodes> {
  const started: LocalRedis[] = [];
  const stop = async () => {
    await Promise.all(started.map((redis) => redis.stop()));
  };
  /** Starts a Redis, and returns how others reach it. */
  const startNode = async (more: string[]) => {
    const [port, member] = [await freePort(), network.join()];
    const options = ['--repl-diskless-sync-delay', '0', '--dbfilename', `split-${port}.rdb`, ...member.args, ...more];
    const redis = await startRedis({ port, options });
    started.push(redis);
    const published = await network.publish(member, port);
    return { redis, member, published, env: { REDIS_MODE: 'standalone', REDIS_URL: `redis://127.0.0.1:${published}` } };
  };
  try {
    const primary = await startNode([]);
    // Its server is ready before it is the primary.
    const writable = ['--replica-read-only', 'no'];
    const replica = await startNode(['--replicaof', `127.0.0.1 ${primary.published}`, ...writable]);
    const { url } = replica.redis;
    await until('the replica follows', async () => (await tell(url, 'INFO', 'replication')).includes('link_status:up'));
    return {
      env: { old: primary.env, new: replica.env },
      elect: () => tell(url, 'REPLICAOF', 'NO', 'ONE'),
      ...{ all: started, primary: primary.redis, candidates: [replica.redis], oldSide: [primary.member], stop },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const starters = { sentinel: startWithSentinels, cluster: startOfCluster, 'by hand': startByHand };

const isPrimary = async ({ url }: LocalRedis) => (await tell<[string]>(url, 'ROLE'))[0] === 'master';

/** Starts Redis and the servers. @throws MissingBinary; Error if they do not start */
export async function startStage(settings: StageSettings): Promise<Stage> {
  const network = createSplitNetwork();
  const running: { stop(): Promise<unknown> }[] = [{ stop: async () => network.stop() }];
  const stop = async () => {
    for (const one of running.splice(0).reverse()) await one.stop();
  };
  try {
    const nodes = await starters[settings.topology](network, settings);
    running.push(nodes);
    const { env, all, primary, candidates } = nodes;
    if (settings.minReplicas)
      for (const { url } of all)
        await tell(url, 'CONFIG', 'SET', 'min-replicas-to-write', '1', 'min-replicas-max-lag', String(maxLagSeconds));
    const oldSide = [...nodes.oldSide];
    const servers = new Map<string, LocalServer>();
    await Promise.all(
      settings.servers.map(async ({ name, side, wait, preload = [] }) => {
        const member = network.join();
        if (side === 'old') oldSide.push(member);
        const own = { REDIS_WAIT_REPLICAS: String(wait), PORTICO_OWN_ADDRESS: member.address };
        const more = { PORT: '0', HOST: '127.0.0.1', NODE_ENV: 'production', ...env[side], ...own };
        const server = await startServer(more, { keep: 10_000, preload: [ownAddress, ...preload] });
        // One that has lost its Redis needs its whole time to stop.
        running.push({ stop: () => end(server.process, 'SIGKILL') });
        servers.set(name, server);
      }),
    );
    const urlOf = (name: string) => servers.get(name)?.url ?? '';
    const [first] = settings.servers;
    return {
      tenant: await newTenant(env.old, urlOf(first?.name ?? '')),
      urlOf,
      async cut() {
        if (!(await isPrimary(primary)))
          throw new CouldNotRun('the primary changed before the cut: the machine is busy');
        network.cut(oldSide);
      },
      heal: () => network.heal(),
      async elected() {
        await nodes.elect?.();
        const isElected = async () => (await Promise.all(candidates.map(isPrimary))).includes(true);
        // A Sentinel that got no processor time for two seconds does nothing for half a minute.
        await until('the new side has a primary', isElected, 90_000);
      },
      demoted: () => until('the old primary is a replica', async () => !(await isPrimary(primary)), 60_000),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
