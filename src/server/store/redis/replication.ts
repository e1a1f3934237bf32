/**
 * Acknowledges changes only after replicas have them. Redis replies to a write before it sends it to a replica, so a failover can undo
 * what was acknowledged. WAIT tells when replicas have it. A change that too few have in time is not acknowledged: its outcome is unknown.
 *
 * WAIT blocks its connection, so each primary has one more for it. There a write follows the change, and WAIT follows the write: who has
 * the later write has the change as well. In a cluster, a node that does not have the slot any more refuses that write. So a change that
 * was redirected, or one just before a failover, is not acknowledged.
 */
import { partitionCount, tagOf } from '../partitions.ts';
import { scripts } from '../scripts.ts';
import type { Commands } from './client.ts';
import { addressOf, type Connection, connectTo } from './connection.ts';
import { deadlines } from './deadlines.ts';
import type { Node, RedisSettings } from './settings.ts';
import { StoreUnavailable } from './unavailable.ts';

/** The commands that only read. Any other one waits, so that a new one does. */
const reads: ReadonlySet<string> = new Set<Extract<keyof Commands, string>>([
  ...(['get', 'mGet', 'exists', 'pTTL', 'pExpireTime', 'sMembers', 'sRandMemberCount', 'zRange', 'zCard'] as const),
  // Returns a client whose replies have other types. It is for reads: nothing waits on it.
  'withTypeMapping',
  ...(['hGet', 'hmGet', 'hGetAll', 'hKeys', 'hVals', 'hExists', 'xRange', 'xRevRange', 'clientId'] as const),
]);

/** Whether a command or a script makes changes. */
export const isChange = (name: string): boolean =>
  name in scripts ? scripts[name as keyof typeof scripts].writes === undefined : !reads.has(name);

/** A key in the same slot. Nothing else has its name, and it exists only for a moment. */
export function markOf(key: string): string {
  const tag = /\{([^}]+)\}/.exec(key)?.[1] ?? key;
  return `portico:replicated:{${tag}}`;
}

/** The key by which a command is routed: the first one. */
function keyOf(input: unknown): string {
  if (typeof input === 'string') return input;
  const { keys = input } = input as { keys?: unknown };
  return String(Object.values(keys as object)[0]);
}

/** The connection to a primary on which changes wait. */
interface Waiter extends Pick<Connection, 'lost' | 'close' | 'destroy'> {
  /**
   * Resolves once enough replicas have everything that the primary has written so far.
   *
   * @param mark a key that the primary must have
   * @throws StoreUnavailable
   */
  wait(mark: string): Promise<void>;
}

/** What a WAIT has shown. */
interface Waited {
  /** Why the primary has refused marks. */
  refused: ReadonlyMap<string, Error>;
  /** How many replicas have the changes. */
  reached: number;
}

async function openWaiter(node: Node, settings: RedisSettings, replicas: number): Promise<Waiter> {
  const { client, ...connection } = await connectTo(node, settings);

  /** Writes and removes each mark, and waits. Returns why the primary has refused marks, and how many replicas have the others. */
  async function waitNow(marks: ReadonlySet<string>): Promise<Waited> {
    const refused = new Map<string, Error>();
    const written = [...marks].map((mark) =>
      Promise.all([client.set(mark, ''), client.del(mark)]).catch((error: Error) => refused.set(mark, error)),
    );
    const [reached] = await Promise.all([client.wait(replicas, deadlines.replication), ...written]);
    return { refused, reached };
  }

  // Changes that come while a WAIT is under way share the next one: each waits for two at most.
  let underWay: Promise<unknown> = Promise.resolve();
  let next: { marks: Set<string>; waited: Promise<Waited> } | undefined;
  function join(mark: string): Promise<Waited> {
    if (next === undefined) {
      const marks = new Set<string>();
      const waited = underWay.then(() => {
        next = undefined;
        return waitNow(marks);
      });
      underWay = waited.catch(() => {});
      next = { marks, waited };
    }
    next.marks.add(mark);
    return next.waited;
  }

  return {
    ...connection,
    async wait(mark) {
      const { refused, reached } = await join(mark);
      if (refused.has(mark)) throw new StoreUnavailable('The primary refuses to confirm a change', refused.get(mark));
      if (reached < replicas) throw new StoreUnavailable(`${reached} of ${replicas} replicas have a change in time`);
    },
  };
}

/** A connection whose changes wait. */
export interface ReplicatedConnection extends Connection {
  /** The commands. A change resolves only after replicas have it. */
  replicated: Commands;
  /** Resolves once replicas have everything that was read. @throws StoreUnavailable */
  confirm(): Promise<void>;
}

/**
 * Lets the changes of a connection wait for this many replicas. Its `commands` stay as they are.
 *
 * @param replicas 0 lets nothing wait
 */
export function waitForReplicas(
  connection: Connection,
  settings: RedisSettings,
  replicas: number,
): ReplicatedConnection {
  const { commands } = connection;
  if (replicas === 0) return { ...connection, replicated: commands, confirm: async () => {} };
  const waiters = new Map<string, Promise<Waiter>>();
  const changes = new Set<Promise<unknown>>();

  /** The waiter of a primary. It is there before the change, so it is lost with the primary that has the change. */
  function waiterOf(node: Node): Promise<Waiter> {
    const address = addressOf(node);
    const known = waiters.get(address);
    if (known !== undefined) return known;
    const opened = openWaiter(node, settings, replicas);
    waiters.set(address, opened);
    const forget = () => waiters.delete(address);
    opened.then(({ lost }) => lost.then(forget), forget);
    return opened;
  }

  const wait = async (key: string, change?: () => Promise<unknown>): Promise<unknown> => {
    const waiter = await waiterOf(connection.primaryOf(key));
    const reply = await change?.();
    await waiter.wait(connection.cluster === undefined ? markOf('') : markOf(key));
    return reply;
  };

  /** The commands by name, which wait if they make changes. */
  const methods = new Map<string | symbol, unknown>();
  const replicated = new Proxy(commands, {
    get(client, name) {
      const known = methods.get(name);
      if (known !== undefined) return known;
      const value: unknown = Reflect.get(client, name);
      if (typeof value !== 'function') return value;
      const method = (...args: unknown[]): Promise<unknown> => {
        const send = () => value.apply(client, args);
        if (!isChange(String(name))) return send();
        const change = wait(keyOf(args[0]), send);
        changes.add(change);
        const forget = () => changes.delete(change);
        change.then(forget, forget);
        return change;
      };
      methods.set(name, method);
      return method;
    },
  });

  async function confirm(): Promise<void> {
    const tags = Array.from({ length: partitionCount }, (_, partition) => `{${tagOf({ partition, workspaceId: '' })}}`);
    const byPrimary = new Map(tags.map((tag) => [addressOf(connection.primaryOf(tag)), tag]));
    await Promise.all([...byPrimary.values()].map((tag) => wait(tag)));
  }

  const opened = async () =>
    (await Promise.allSettled(waiters.values())).flatMap((waiter) =>
      waiter.status === 'fulfilled' ? [waiter.value] : [],
    );
  return {
    ...connection,
    replicated,
    confirm,
    async probe() {
      await connection.probe();
      await confirm();
    },
    async close() {
      // What is under way still waits for replicas.
      await connection.close();
      await Promise.allSettled(changes);
      await Promise.all((await opened()).map((waiter) => waiter.close()));
    },
    destroy() {
      connection.destroy();
      void opened().then((all) => all.map((waiter) => waiter.destroy()));
    },
  };
}
