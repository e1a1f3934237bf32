import { type Client, type ClientSettings, type Cluster, type Commands, newClient } from './client.ts';
import { deadlines } from './deadlines.ts';
import { heartbeat } from './heartbeat.ts';
import type { Node } from './settings.ts';
import { deadline, isForbidden } from './unavailable.ts';

/** An open connection, to one node or to all nodes of a cluster. A lost connection is replaced, never repaired. */
export interface Connection {
  commands: Commands;
  /** The client of a cluster. */
  cluster?: Cluster;
  /** Resolves with the cause once the connection, or a part of it, is lost. */
  lost: Promise<Error>;
  /**
   * Resolves if Redis can serve all records.
   *
   * @throws StoreUnavailable, or what the client throws
   */
  probe(): Promise<void>;
  /** The primary that has a key. @throws StoreUnavailable if no node is known to have it */
  primaryOf(key: string): Node;
  /** A client of each primary. */
  primaries(): Promise<Client>[];
  /** Every node, with the address of the primary for a replica. */
  nodes(): Promise<ServingNode[]>;
  /** Waits for the commands that are under way, then disconnects. */
  close(): Promise<void>;
  /** Disconnects at once. */
  destroy(): void;
}

/** A node, with its primary if it is a replica. */
export interface ServingNode extends Node {
  replicaOf?: string;
}

export const addressOf = ({ host, port }: Node): string => `${host}:${port}`;

/** Connects to one node. */
export async function connectTo(
  node: Node,
  settings: ClientSettings,
): Promise<Pick<Connection, 'lost' | 'close' | 'destroy'> & { client: Client }> {
  const client = newClient(node, settings);
  const ended = new Promise<Error>((resolve) => client.once('terminated', resolve));
  try {
    await deadline(client.connect(), deadlines.connect);
  } catch (error) {
    client.destroy();
    throw error;
  }
  return {
    client,
    lost: Promise.race([ended, heartbeat(() => [Promise.resolve(client)])]),
    async close() {
      if (client.isReady) await client.close();
      else client.destroy();
    },
    destroy: () => client.destroy(),
  };
}

/** The replicas of a primary. A managed Redis may not list them, and the ACL may forbid the question. */
export async function replicasOf(client: Client, primary: Node): Promise<ServingNode[]> {
  const text = await client.info('replication').catch((error: unknown) => {
    if (isForbidden(error)) return '';
    throw error;
  });
  return [...text.matchAll(/^slave\d+:ip=([^,]+),port=(\d+)/gm)].map(([, host = '', port]) => ({
    host,
    port: Number(port),
    replicaOf: addressOf(primary),
  }));
}
