import {
  AbortError,
  ClientClosedError,
  ClientOfflineError,
  ConnectionTimeoutError,
  createClient,
  DisconnectsClientError,
  ErrorReply,
  ReconnectStrategyError,
  SocketClosedUnexpectedlyError,
  SocketTimeoutError,
  TimeoutError,
} from 'redis';
import { scripts } from './scripts.ts';

/** Redis cannot be reached, or does not answer in time. A command that was under way may or may not have been done. */
export class StoreUnavailable extends Error {}

/** How long a command may take, in ms, before its caller is told that Redis is unavailable. */
const commandDeadlineMs = 500;

/** Redis answers, but that it cannot serve: it is loading, failing over, out of memory, or refuses our password. */
const unableReply =
  /^(LOADING|READONLY|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|NOREPLICAS|OOM|MISCONF|NOAUTH|WRONGPASS|NOPERM)\b/;

const unableErrors = [
  AbortError,
  ClientClosedError,
  ClientOfflineError,
  ConnectionTimeoutError,
  DisconnectsClientError,
  ReconnectStrategyError,
  SocketClosedUnexpectedlyError,
  SocketTimeoutError,
  TimeoutError,
];

function isUnable(error: unknown): boolean {
  if (error instanceof ErrorReply) return unableReply.test(error.message);
  // A socket that cannot be opened comes as Node's own error, with a code such as ECONNREFUSED.
  return unableErrors.some((kind) => error instanceof kind) || (error instanceof Error && 'code' in error);
}

function newClient(url: string) {
  return createClient({
    url,
    scripts,
    // Fail at once while Redis is away, instead of queueing requests of people who have long gone.
    disableOfflineQueue: true,
    // `run` has a deadline of its own for what was sent. The client's covers only what was not, by an AbortSignal for each
    // command, and all that hangs on one lives for as long as it could last.
    commandOptions: { timeout: 0 },
    // Together these notice a peer that hangs without closing: a command that was sent is covered by no other timeout.
    pingInterval: 300,
    socket: {
      connectTimeout: 500,
      socketTimeout: 800,
      reconnectStrategy: (retries) => Math.min(25 * 2 ** Math.min(retries, 5), 500),
    },
  });
}

type Client = ReturnType<typeof newClient>;

/** The one connection to Redis that a process has. */
export interface Redis {
  /**
   * Runs one command, or several that are sent in the same tick and so take one round trip.
   *
   * @throws StoreUnavailable within half a second where Redis does not answer
   */
  run<T>(command: (client: Client) => Promise<T>): Promise<T>;
  /** Resolves once it is connected, or has tried to be for half a second. */
  ready: Promise<void>;
  /** Waits for what is under way, then disconnects. */
  close(): Promise<void>;
}

/**
 * Connects to Redis, and stays connected: a lost connection is made again by itself, without end. Commands fail with
 * StoreUnavailable until it is there, so that a server can start before its Redis.
 *
 * @param listeners told of every connection error, and of every connection that is made; never of the URL, which may hold a
 *   password
 */
export function connectRedis(
  url: string,
  { onError = () => {}, onReady = () => {} }: { onError?: (error: Error) => void; onReady?: () => void } = {},
): Redis {
  const client = newClient(url);
  // Without a listener the process would die with the connection.
  client.on('error', onError);
  client.on('ready', onReady);
  const connected = client.connect().catch(() => {});
  return {
    ready: deadline(connected, commandDeadlineMs).then(
      () => {},
      () => {},
    ),
    async run(command) {
      try {
        return await deadline(command(client), commandDeadlineMs);
      } catch (error) {
        if (isUnable(error)) throw new StoreUnavailable('Redis is unavailable', { cause: error });
        throw error;
      }
    },
    async close() {
      if (client.isReady) await client.close();
      else client.destroy();
    },
  };
}

/** The promise's own outcome, or a TimeoutError where it takes longer than that. */
async function deadline<T>(promise: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    // Where the process itself was held up, the answer may have come and only not been read: read first, then judge.
    const judge = () => setImmediate(() => reject(new TimeoutError(`no answer within ${milliseconds} ms`)));
    timer = setTimeout(judge, milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
