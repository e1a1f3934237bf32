import type { Connection } from './connection.ts';
import { pause } from './pause.ts';

/** How long to wait before the next attempt, in ms. */
const backoffMs = (tries: number) => Math.min(25 * 2 ** Math.min(tries, 5), 500);

/** Listeners to the state of the connection. */
export interface Listeners {
  /** Called for every failed attempt and every lost connection. Never gets a URL, which may contain a password. */
  onError?: (error: Error) => void;
  onReady?: () => void;
}

/** A connection that is always made again after a loss. */
export interface Lasting<C extends Connection> {
  /** The last connection. It may be lost: then its commands fail at once. */
  current(): C | undefined;
  /** Why the last attempt failed, or the last connection was lost. */
  lastError(): Error | undefined;
  /** Resolves once the first attempt is over. */
  tried: Promise<void>;
  /** Replaces the connection. */
  renew(because: Error): void;
  close(): Promise<void>;
}

/** Connects with `open`, which gets the previous connection, and connects again after a loss. */
export function stayConnected<C extends Connection>(
  open: (before: C | undefined) => Promise<C>,
  { onError = () => {}, onReady = () => {} }: Listeners,
): Lasting<C> {
  let current: C | undefined;
  let lastError: Error | undefined;
  let closed = false;
  let giveUp: (because: Error) => void = () => {};
  const first = Promise.withResolvers<void>();

  /** Connects once, and returns why the connection ended. */
  async function connect(): Promise<Error> {
    const next = await open(current);
    if (closed) {
      next.destroy();
      throw new Error('closed');
    }
    const unwanted = new Promise<Error>((resolve) => {
      giveUp = resolve;
    });
    const before = current;
    current = next;
    // Commands that are under way on the old connection can finish.
    void before?.close().catch(() => {});
    onReady();
    first.resolve();
    return Promise.race([next.lost, unwanted]);
  }

  async function keepConnecting(): Promise<void> {
    for (let tries = 0; !closed; tries++) {
      const begun = performance.now();
      const error = await connect().catch((failure: Error) => failure);
      if (closed) return;
      lastError = error;
      onError(error);
      first.resolve();
      if (performance.now() - begun > 1000) tries = 0;
      await pause(backoffMs(tries));
    }
  }

  void keepConnecting();
  return {
    current: () => current,
    lastError: () => lastError,
    tried: first.promise,
    renew: (because) => giveUp(because),
    async close() {
      closed = true;
      await current?.close();
    },
  };
}
