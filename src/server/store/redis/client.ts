import { createClient, createCluster, type RedisClusterType, type RedisFunctions, type RedisModules } from 'redis';
import { scripts } from '../scripts.ts';
import type { Login, Node, TlsSettings } from './settings.ts';

/** Whom to be, and how to talk, whatever is connected to. */
export interface ClientSettings {
  login: Login;
  database?: number;
  tls?: TlsSettings;
}

/** Options that are the same for every connection. */
const clientOptions = ({ login, database, tls }: ClientSettings) => ({
  ...login,
  ...(database !== undefined && { database }),
  // Fail at once while Redis is away, instead of queueing requests of people who have long gone.
  disableOfflineQueue: true,
  socket: {
    connectTimeout: 500,
    // Only so that nothing waits for ever; heartbeat.ts notices much sooner, and does not mistake our own delay for Redis's.
    socketTimeout: 5000,
    // A connection that is lost is not mended but made anew, by stay-connected.ts, and maybe to another node.
    reconnectStrategy: false as const,
    ...(tls && { tls: true as const, ...tls }),
  },
});

/**
 * A command has a deadline of our own once it was sent. The client's covers only what was not, by an AbortSignal for each
 * command, and all that hangs on one lives for as long as it could last.
 */
const commandOptions = { timeout: 0 };

/**
 * Never connected, only copied: for each new set of options the package writes a class with hundreds of methods, which holds up
 * the process for as long as a command may take.
 */
const template = createClient({ scripts, commandOptions });

/** A client of one node, which connects once. */
export function newClient(node: Node, settings: ClientSettings) {
  const { socket, ...options } = clientOptions(settings);
  const client = template.duplicate({ ...options, socket: { ...socket, ...node } });
  // Without a listener the process would die with the connection; whoever connects learns of the failure otherwise.
  client.on('error', () => {});
  return client;
}

/** A client of all nodes of a cluster, which connects to each once. `like` is one of the same cluster, where there was one. */
export function newCluster(nodes: Node[], settings: ClientSettings, like?: Cluster) {
  const options = { rootNodes: nodes.map((node) => ({ socket: node })), defaults: clientOptions(settings) };
  const cluster =
    like?.duplicate(options) ??
    createCluster({
      ...options,
      scripts,
      commandOptions,
      // Each is another round trip, and the caller's deadline is over long before the sixteen of the default.
      maxCommandRedirections: 5,
    });
  cluster.on('error', () => {});
  return cluster;
}

export type Client = ReturnType<typeof newClient>;
export type Cluster = RedisClusterType<RedisModules, RedisFunctions, typeof scripts>;

/** What can be asked, wherever the answer comes from. */
export type Commands = Pick<Client, keyof Client & keyof Cluster>;
