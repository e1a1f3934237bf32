/** Starts a Redis Cluster on loopback, with redis-server only. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../contract-tests/targets/free-port.ts';
import { type LocalRedis, startRedis, tell, until } from './redis.ts';
import type { Member, SplitNetwork } from './split-network.ts';

/** A running cluster. */
export interface LocalCluster {
  /** The URLs of all nodes, separated by commas. */
  url: string;
  /** The settings for a server that uses it. */
  env: Record<string, string>;
  /** The primaries, followed by their replicas in the same order. */
  nodes: LocalRedis[];
  /** The same nodes in a network. */
  members: Member[];
  /** Restarts a node that has ended, with its stored cluster state. */
  restart(index: number): Promise<void>;
  stop(): Promise<void>;
}

const primaries = 3;
const slots = 16_384;
/** The time without a reply until a node counts as failed, in ms. The default of Redis is 15 s. */
const quickNodeTimeoutMs = 1000;

/** The ports of a node, for clients and for the bus. */
interface Ports {
  port: number;
  bus: number;
}

/** Assigns the slots to the primaries and connects all nodes to the first. They find each other by gossip. */
async function introduce(nodes: LocalRedis[], first: Ports): Promise<void> {
  const bound = (part: number) => String(Math.floor((slots * part) / primaries));
  for (const [i, { url }] of nodes.slice(0, primaries).entries()) {
    await tell(url, 'CLUSTER', 'ADDSLOTSRANGE', bound(i), String(Number(bound(i + 1)) - 1));
    await tell(url, 'CLUSTER', 'SET-CONFIG-EPOCH', String(i + 1));
  }
  for (const { url } of nodes.slice(1)) {
    await tell(url, 'CLUSTER', 'MEET', '127.0.0.1', String(first.port), String(first.bus));
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
 * @param network through which the nodes and the servers reach each other
 * @throws MissingBinary; Error if it does not start
 */
export async function startCluster({
  replicas = 1,
  nodeTimeoutMs = quickNodeTimeoutMs,
  network,
}: {
  replicas?: number;
  nodeTimeoutMs?: number;
  network?: SplitNetwork;
} = {}): Promise<LocalCluster> {
  const directory = await mkdtemp(join(tmpdir(), 'portico-cluster-'));
  const own: Ports[] = [];
  const published: Ports[] = [];
  const members: Member[] = [];
  /** Chooses the ports of the next node, and publishes them. */
  const place = async () => {
    const ports = { port: await freePort(), bus: await freePort() };
    own.push(ports);
    const member = network?.join();
    if (network === undefined || member === undefined) return void published.push(ports);
    members.push(member);
    const [port, bus] = [await network.publish(member, ports.port), await network.publish(member, ports.bus)];
    published.push({ port, bus });
  };
  const start = (i: number) => {
    const { port, bus } = own[i] as Ports;
    const known = published[i] as Ports;
    const files = ['--cluster-enabled', 'yes', '--cluster-config-file', `nodes-${i}.conf`, '--dir', directory];
    const timing = ['--cluster-node-timeout', String(nodeTimeoutMs), '--cluster-port', String(bus)];
    const announced = ['--cluster-announce-port', String(known.port), '--cluster-announce-bus-port', String(known.bus)];
    const address = ['--cluster-announce-ip', '127.0.0.1', ...(members[i]?.args ?? [])];
    // By default a primary waits five seconds for more replicas before it sends its data to the first.
    const quick = ['--repl-diskless-sync-delay', '0'];
    return startRedis({ port, options: [...files, ...timing, ...announced, ...address, ...quick] });
  };
  const nodes: LocalRedis[] = [];
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    await rm(directory, { recursive: true });
  };
  try {
    for (let i = 0; i < primaries * (1 + replicas); i++) {
      await place();
      nodes.push(await start(i));
    }
    await introduce(nodes, published[0] as Ports);
    await follow(nodes);
  } catch (error) {
    await stop();
    throw error;
  }
  const url = published.map(({ port }) => `redis://127.0.0.1:${port}`).join(',');
  return {
    url,
    env: { REDIS_MODE: 'cluster', REDIS_URL: url },
    nodes,
    members,
    async restart(index) {
      nodes[index] = await start(index);
    },
    stop,
  };
}
