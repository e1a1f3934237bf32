/**
 * The cluster client follows redirections, and learns the place of slots from them. It does not learn that a node is gone,
 * and does not stop waiting for one. So a lost node ends the client, and a new one starts with the cluster as it is then.
 * Until the new one is connected, the old one serves with the nodes that it has.
 */
import calculateSlot from 'cluster-key-slot';
import { ClientClosedError } from 'redis';
import { type Client, type Cluster, type Commands, newCluster } from './client.ts';
import { addressOf, type Connection, type ServingNode } from './connection.ts';
import { deadlines } from './deadlines.ts';
import { heartbeat } from './heartbeat.ts';
import type { Node, RedisSettings } from './settings.ts';
import { deadline, StoreUnavailable } from './unavailable.ts';

const slotCount = 16_384;

/** The nodes without duplicates. */
const distinct = (nodes: Node[]): Node[] => [...new Map(nodes.map((node) => [addressOf(node), node])).values()];

/** Connects to every primary of a cluster. Finds them through the nodes of the settings and of the previous client. */
export async function openCluster(settings: RedisSettings, before?: Cluster): Promise<Connection> {
  const known = before?.masters.map(({ host, port }) => ({ host, port })) ?? [];
  const cluster = newCluster(distinct([...settings.nodes, ...known]), settings, before);
  const ended = new Promise<Error>((resolve) => {
    cluster.on('node-error', (error: Error) => {
      if (cluster.masters.some(({ client }) => client?.isReady !== true)) resolve(error);
    });
  });
  try {
    // The client tries one node after another for the slots.
    await deadline(cluster.connect(), deadlines.connect * 3);
    for (let slot = 0; slot < slotCount; slot++) {
      if (cluster.slots[slot] === undefined) throw new StoreUnavailable('Not every slot of the cluster has a node');
    }
  } catch (error) {
    cluster.destroy();
    throw error;
  }

  const primaries = () => {
    if (!cluster.isOpen) throw new ClientClosedError();
    return cluster.masters.map((master) => cluster.nodeClient(master));
  };

  function primaryOf(key: string): Node {
    const { master } = cluster.slots[calculateSlot(key)] ?? {};
    if (master === undefined) throw new StoreUnavailable('A slot of the cluster has no node');
    return { host: master.host, port: master.port };
  }

  async function probe(): Promise<void> {
    await Promise.all(
      primaries().map(async (primary) => {
        const node = await primary;
        const [info] = await Promise.all([node.clusterInfo(), node.probe({})]);
        const served = /cluster_slots_ok:(\d+)/.exec(info)?.[1];
        if (!info.includes('cluster_state:ok') || Number(served) !== slotCount) {
          throw new StoreUnavailable(`The cluster serves ${served ?? 0} of ${slotCount} slots`);
        }
      }),
    );
  }

  async function nodes(): Promise<ServingNode[]> {
    const [first] = primaries();
    const ranges = (await (await first)?.clusterSlots()) ?? [];
    const found = ranges.flatMap(({ master, replicas }) => [
      { host: master.host, port: master.port },
      ...replicas.map(({ host, port }) => ({ host, port, replicaOf: addressOf(master) })),
    ]);
    return distinct(found);
  }

  return {
    // Both kinds of client have the same commands.
    commands: cluster as unknown as Commands,
    primaryOf,
    primaries: () => primaries() as unknown as Promise<Client>[],
    cluster,
    lost: Promise.race([ended, heartbeat(primaries)]),
    probe,
    nodes,
    async close() {
      // The close of the cluster client stops at the first node that is gone.
      await Promise.allSettled(cluster.masters.map(async ({ client }) => client?.isReady && client.close()));
      cluster.destroy();
    },
    destroy: () => cluster.destroy(),
  };
}
