/** Starts a Redis Cluster on loopback, with redis-server only. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { type LocalRedis, startRedis, tell, until } from './redis.ts';

/** A running cluster. */
export interface LocalCluster {
  /** The URLs of all nodes, separated by commas. */
  url: string;
  /** The settings for a server that uses it. */
  env: Record<string, string>;
  /** The primaries, followed by their replicas in the same order. */
  nodes: LocalRedis[];
  /** Restarts a node that has ended, with its stored cluster state. */
  restart(index: number): Promise<void>;
  stop(): Promise<void>;
}

const primaries = 3;
const slots = 16_384;
/** The time without a reply until a node counts as failed, in ms. The default of Redis is 15 s. */
const quickNodeTimeoutMs = 1000;

/** Assigns the slots to the primaries and connects all nodes to the first. They find each other by gossip. */
async function introduce(nodes: LocalRedis[], busPorts: number[]): Promise<void> {
  const bound = (part: number) => String(Math.floor((slots * part) / primaries));
  for (const [i, { url }] of nodes.slice(0, primaries).entries()) {
    await tell(url, 'CLUSTER', 'ADDSLOTSRANGE', bound(i), String(Number(bound(i + 1)) - 1));
    await tell(url, 'CLUSTER', 'SET-CONFIG-EPOCH', String(i + 1));
  }
  for (const { url } of nodes.slice(1)) {
    await tell(url, 'CLUSTER', 'MEET', '127.0.0.1', String(nodes[0]?.port), String(busPorts[0]));
  }
  for (const { url } of nodes) {
    await until(`${url} knows the cluster`, async () => {
      const info = await tell(url, 'CLUSTER', 'INFO');
      const known = info.includes(`cluster_known_nodes:${nodes.length}\r`);
      return known && info.includes('cluster_state:ok') && info.includes(`cluster_slots_ok:${slots}\r`);
    });
  }
}

/** Makes each remaining node the replica of a primary, and waits until it has all data of its primary. */
async function follow(nodes: LocalRedis[]): Promise<void> {
  for (const [i, { url }] of nodes.slice(primaries).entries()) {
    const id = await tell(nodes[i % primaries]?.url ?? '', 'CLUSTER', 'MYID');
    await until(`${url} may follow`, () => tell(url, 'CLUSTER', 'REPLICATE', id).then(() => true));
  }
  for (const { url } of nodes.slice(primaries)) {
    await until(`${url} follows`, async () => (await tell(url, 'INFO', 'replication')).includes('link_status:up'));
  }
}

/**
 * Starts three primaries with this many replicas each, and waits until all slots are served.
 *
 * @param nodeTimeoutMs after which a silent node counts as failed; longer where a test needs no fail-over
 * @throws MissingBinary; Error if it does not start
 */
export async function startCluster({
  replicas = 1,
  nodeTimeoutMs = quickNodeTimeoutMs,
}: {
  replicas?: number;
  nodeTimeoutMs?: number;
} = {}): Promise<LocalCluster> {
  const directory = await mkdtemp(join(tmpdir(), 'portico-cluster-'));
  const busPorts: number[] = [];
  const start = (i: number, port?: number) => {
    const own = ['--cluster-enabled', 'yes', '--cluster-config-file', `nodes-${i}.conf`, '--dir', directory];
    const timing = ['--cluster-node-timeout', String(nodeTimeoutMs), '--cluster-port', String(busPorts[i])];
    // By default a primary waits five seconds for more replicas before it sends its data to the first.
    const quick = ['--repl-diskless-sync-delay', '0'];
    return startRedis({ options: [...own, ...timing, ...quick], ...(port !== undefined && { port }) });
  };
  const nodes: LocalRedis[] = [];
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    await rm(directory, { recursive: true });
  };
  try {
    for (let i = 0; i < primaries * (1 + replicas); i++) {
      busPorts[i] = await freePort();
      nodes.push(await start(i));
    }
    await introduce(nodes, busPorts);
    await follow(nodes);
  } catch (error) {
    await stop();
    throw error;
  }
  const url = nodes.map((node) => node.url).join(',');
  return {
    url,
    env: { REDIS_MODE: 'cluster', REDIS_URL: url },
    nodes,
    async restart(index) {
      nodes[index] = await start(index, nodes[index]?.port);
    },
    stop,
  };
}
