import type { Commands } from './redis/client.ts';
import { openCluster } from './redis/cluster.ts';
import { type Connection, connectTo, type ServingNode } from './redis/connection.ts';
import { DataRefused } from './redis/data-refused.ts';
import { deadlines } from './redis/deadlines.ts';
import { type ReplicatedConnection, waitForReplicas } from './redis/replication.ts';
import { openSentinel } from './redis/sentinel.ts';
import { type Node, type RedisSettings, standalone } from './redis/settings.ts';
import { openStandalone } from './redis/standalone.ts';
import { type Listeners, stayConnected } from './redis/stay-connected.ts';
import { deadline, isDemoted, isForbidden, isUnable, StoreUnavailable } from './redis/unavailable.ts';

export { DataRefused, isForbidden, StoreUnavailable };

/** How often a process decides again whether it works with the data, in ms. */
const admissionMs = 2000;

/** The Redis of a process: a connection, or one to each primary of a cluster. */
export interface Redis {
  mode: RedisSettings['mode'];
  /** How many connections there were so far. What was read over an earlier one may have been lost by a failover. */
  connection(): number;
  /**
   * Runs one command, or several. Commands of one workspace that are sent in the same tick take one round trip. With `waitReplicas`,
   * a change resolves only after as many replicas have it.
   *
   * @throws StoreUnavailable within half a second if Redis does not reply, or if too few replicas have a change in time. It may or may
   *   not have taken effect
   */
  run<T>(command: (client: Commands) => Promise<T>): Promise<T>;
  /**
   * Resolves once as many replicas as `waitReplicas` says have everything that was read before. What finds a change already made may
   * repeat one that was not acknowledged.
   *
   * @throws StoreUnavailable
   */
  confirm(): Promise<void>;
  /**
   * The names of all records of a type that match a pattern, on every primary. A name that exists all the time comes at least
   * once. A command without a key would ask only one node of a cluster.
   *
   * @throws StoreUnavailable
   */
  scan(match: string, type: 'hash' | 'string' | 'zset'): AsyncGenerator<string>;
  /**
   * Resolves if Redis can serve all records: in a cluster, all slots.
   *
   * @throws StoreUnavailable
   */
  probe(): Promise<void>;
  /** Every node, replicas too. @throws StoreUnavailable */
  nodes(): Promise<ServingNode[]>;
  /** Runs commands on one node, over a separate connection. @throws StoreUnavailable */
  onNode<T>(node: Node, command: (client: Commands) => Promise<T>): Promise<T>;
  /** Resolves after the first attempt to connect, or after three seconds. */
  ready: Promise<void>;
  /** Why this process does not work with the data now, if Redis is there and the data is not for it. */
  refusal(): DataRefused | undefined;
  /** Waits for the commands that are under way, then disconnects. */
  close(): Promise<void>;
}

const openers: Record<RedisSettings['mode'], (settings: RedisSettings, before?: Connection) => Promise<Connection>> = {
  standalone: (settings) => openStandalone(settings),
  sentinel: (settings) => openSentinel(settings),
  cluster: (settings, before) => openCluster(settings, before?.cluster),
};

/** The outcome within the deadline. @throws StoreUnavailable if Redis cannot serve now */
async function inTime<T>(outcome: Promise<T>, onError?: (error: Error) => void): Promise<T> {
  try {
    return await deadline(outcome, deadlines.command);
  } catch (error) {
    onError?.(error as Error);
    throw isUnable(error) ? new StoreUnavailable('Redis is unavailable', error) : error;
  }
}

/**
 * Connects to Redis, and connects again after every loss. Commands fail with StoreUnavailable while there is no connection,
 * so that a server can start before its Redis.
 *
 * @param to the settings, or the URL of one Redis
 * @param admit decides whether this process works with the data: before the first command on each connection, and every two seconds.
 *   While it throws DataRefused, commands fail with StoreUnavailable. Another error of it leaves a connection as it was, and a new one is
 *   not used
 */
export function connectRedis(
  to: RedisSettings | string,
  listeners: Listeners = {},
  admit: (commands: Commands) => Promise<void> = async () => {},
): Redis {
  const settings = typeof to === 'string' ? standalone(to) : to;
  let connections = 0;
  let refused: DataRefused | undefined;
  const onReady = () => {
    connections += 1;
    listeners.onReady?.();
  };
  /** @throws DataRefused; StoreUnavailable */
  async function check({ commands }: Connection): Promise<void> {
    try {
      await inTime(admit(commands));
      refused = undefined;
    } catch (error) {
      if (error instanceof DataRefused) refused = error;
      throw error;
    }
  }
  async function open(before?: Connection): Promise<ReplicatedConnection> {
    const connection = await openers[settings.mode](settings, before);
    await check(connection).catch((error: unknown) => {
      connection.destroy();
      throw error;
    });
    return waitForReplicas(connection, settings, settings.waitReplicas ?? 0);
  }
  const lasting = stayConnected<ReplicatedConnection>(open, { ...listeners, onReady });
  const checks = setInterval(() => {
    const [connection, before] = [lasting.current(), refused];
    if (connection === undefined) return;
    check(connection).then(
      // Nobody announces what has changed meanwhile: what was read before counts as read over another connection.
      () => before !== undefined && onReady(),
      (error: unknown) => error instanceof DataRefused && before === undefined && listeners.onError?.(error),
    );
  }, admissionMs).unref();
  const current = (): ReplicatedConnection => {
    if (refused !== undefined) throw new StoreUnavailable(refused.message, refused);
    const connection = lasting.current();
    if (connection === undefined) {
      throw new StoreUnavailable('Redis is unavailable: it was never reached', lasting.lastError());
    }
    return connection;
  };
  const renewIfDemoted = (error: Error) => {
    if (isDemoted(error)) lasting.renew(error);
  };
  return {
    mode: settings.mode,
    connection: () => connections,
    ready: deadline(lasting.tried, deadlines.ready).catch(() => {}),
    run: async (command) => inTime(command(current().replicated), renewIfDemoted),
    confirm: async () => inTime(current().confirm()),
    async *scan(match, type) {
      for (const primary of current().primaries()) {
        let cursor = '0';
        do {
          const page = await inTime(
            primary.then((client) => client.scan(cursor, { MATCH: match, TYPE: type, COUNT: 500 })),
          );
          yield* page.keys;
          cursor = page.cursor;
        } while (cursor !== '0');
      }
    },
    probe: async () => inTime(current().probe()),
    nodes: async () => inTime(current().nodes()),
    async onNode(node, command) {
      const { client, close } = await inTime(connectTo(node, settings));
      try {
        return await inTime(command(client));
      } finally {
        await close();
      }
    },
    refusal: () => refused,
    async close() {
      clearInterval(checks);
      await lasting.close();
    },
  };
}
