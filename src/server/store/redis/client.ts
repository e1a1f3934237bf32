import { createClient, createCluster, type RedisClusterType, type RedisFunctions, type RedisModules } from 'redis';
import { scripts } from '../scripts.ts';
import type { Login, Node, TlsSettings } from './settings.ts';

/** Settings of every kind of connection. */
export interface ClientSettings {
  login: Login;
  database?: number;
  tls?: TlsSettings;
}

/** Options that every connection has. */
const clientOptions = ({ login, database, tls }: ClientSettings) => ({
  ...login,
  ...(database !== undefined && { database }),
  // Fail at once while Redis is away, instead of queueing commands whose callers have left.
  disableOfflineQueue: true,
  socket: {
    connectTimeout: 500,
    // The last resort. heartbeat.ts notices much sooner, and does not mistake a delay of this process for one of Redis.
    socketTimeout: 5000,
    // stay-connected.ts replaces a lost connection, perhaps with one to another node.
    reconnectStrategy: false as const,
    ...(tls && { tls: true as const, ...tls }),
  },
});

/**
 * redis.ts has its own deadline for commands. The deadline of the client covers only commands that are not sent yet, and
 * needs an AbortSignal for each command, which stays in memory until the deadline.
 */
const commandOptions = { timeout: 0 };

/**
 * Never connects: clients are copies of it. For each new set of options the package creates a class with hundreds of methods,
 * which blocks the process for as long as a command may take.
 */
const template = createClient({ scripts, commandOptions });

/** A client of one node. It connects once. */
export function newClient(node: Node, settings: ClientSettings) {
  const { socket, ...options } = clientOptions(settings);
  const client = template.duplicate({ ...options, socket: { ...socket, ...node } });
  // Without a listener the process would end with the connection. The caller of connect learns of the failure anyway.
  client.on('error', () => {});
  return client;
}

/** A client of all nodes of a cluster. It connects to each once. `like` is the previous client of the same cluster. */
export function newCluster(nodes: Node[], settings: ClientSettings, like?: Cluster): Cluster {
  const options = { rootNodes: nodes.map((node) => ({ socket: node })), defaults: clientOptions(settings) };
  // Without the detour the compiler compares two types with hundreds of methods, which takes a third of its time.
  const cluster = (like?.duplicate(options) ??
    createCluster({
      ...options,
      scripts,
      commandOptions,
      // Each is a round trip, and the default of 16 takes much longer than the deadline of the caller.
      maxCommandRedirections: 5,
    })) as unknown as Cluster;
  cluster.on('error', () => {});
  return cluster;
}

export type Client = ReturnType<typeof newClient>;
export type Cluster = RedisClusterType<RedisModules, RedisFunctions, typeof scripts>;

/** The commands that both kinds of client have. */
export type Commands = Pick<Client, keyof Client & keyof Cluster>;
