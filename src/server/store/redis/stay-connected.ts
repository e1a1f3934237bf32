import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from './connection.ts';

/** How long to wait before the next try, in ms. */
const backoffMs = (tries: number) => Math.min(25 * 2 ** Math.min(tries, 5), 500);

/** Whom to tell how it goes. */
export interface Listeners {
  /** Of every failure to connect, and every loss. Never told a URL, which may hold a password. */
  onError?: (error: Error) => void;
  onReady?: () => void;
}

/** A connection that is made again whenever it is lost, without end. */
export interface Lasting<C extends Connection> {
  /** The last one that was made. It may be lost: then what it is asked fails at once. */
  current(): C | undefined;
  /** Resolves once the first try is over. */
  tried: Promise<void>;
  /** Has another one made in its place. */
  renew(because: Error): void;
  close(): Promise<void>;
}

/** Connects with `open`, which gets the connection before, and connects again when that is lost. */
export function stayConnected<C extends Connection>(
  open: (before: C | undefined) => Promise<C>,
  { onError = () => {}, onReady = () => {} }: Listeners,
): Lasting<C> {
  let current: C | undefined;
  let closed = false;
  let giveUp: (because: Error) => void = () => {};
  const first = Promise.withResolvers<void>();

  /** Connects once, and returns why that came to an end. */
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
    // What is under way on what is left of the old one may end.
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
      onError(error);
      first.resolve();
      if (performance.now() - begun > 1000) tries = 0;
      await sleep(backoffMs(tries), undefined, { ref: false });
    }
  }

  void keepConnecting();
  return {
    current: () => current,
    tried: first.promise,
    renew: (because) => giveUp(because),
    async close() {
      closed = true;
      await current?.close();
    },
  };
}
