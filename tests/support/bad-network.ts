/** A TCP proxy between two processes that can fail in several ways. */
import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';

/** The state of the connection: open, or a kind of failure. */
export type Condition =
  | 'open'
  /** Existing and new connections are reset. */
  | 'reset'
  /** Data is dropped without an error. */
  | 'blackhole'
  /** Requests arrive, and replies are dropped without an error. */
  | 'unanswered'
  /** Requests arrive, but no replies. The client receives the end of the stream (FIN). */
  | 'half-closed'
  /** Data arrives late, in both directions. */
  | 'slow';

/** How late data arrives in a slow network, in ms. */
const slowMs = 40;

/** Writes chunks to a socket in their order, each after its delay. */
function delayedWriter(to: Socket) {
  const waiting: { chunk: Buffer; due: number }[] = [];
  const flush = () => {
    for (let first = waiting[0]; first !== undefined && first.due <= performance.now(); first = waiting[0]) {
      to.write(first.chunk);
      waiting.shift();
    }
  };
  return (chunk: Buffer, delayMs: number) => {
    if (delayMs === 0 && waiting.length === 0) return void to.write(chunk);
    const due = Math.max(performance.now() + delayMs, waiting.at(-1)?.due ?? 0);
    waiting.push({ chunk, due });
    // A timer can fire a little early.
    setTimeout(flush, due - performance.now() + 1);
  };
}

/** Whether a condition is for the connections from an address. */
type Whose = (from: string) => boolean;

const everyone: Whose = () => true;

/** A proxy on loopback. */
export interface BadNetwork {
  port: number;
  /** Sets the state of the connections from some addresses, by default from all. The others are open. */
  set(condition: Condition, whose?: Whose): void;
  /** The addresses of the last `set`. */
  affected(): Whose;
  /** The requests that were dropped since the last `set`. */
  dropped(): string;
  stop(): void;
}

/** Starts a proxy to a port on loopback. */
export async function startBadNetwork(to: number): Promise<BadNetwork> {
  let last: Condition = 'open';
  let affected = everyone;
  let dropped = '';
  const near = new Set<Socket>();
  const all = new Set<Socket>();
  const server = createServer((socket) => {
    const far = createConnection(to, '127.0.0.1');
    const from = socket.remoteAddress ?? '';
    const condition = () => (affected(from) ? last : 'open');
    near.add(socket);
    for (const one of [socket, far]) {
      all.add(one);
      one.on('error', () => {});
    }
    if (condition() === 'reset') socket.resetAndDestroy();
    if (condition() === 'half-closed') socket.end();
    const [toFar, toNear] = [delayedWriter(far), delayedWriter(socket)];
    const delayMs = () => (condition() === 'slow' ? slowMs : 0);
    socket.on('data', (chunk) => {
      if (condition() === 'blackhole') dropped += chunk;
      else toFar(chunk, delayMs());
    });
    far.on('data', (chunk) => {
      if (condition() === 'open' || condition() === 'slow') toNear(chunk, delayMs());
    });
    socket.on('close', () => {
      far.destroy();
      near.delete(socket);
      all.delete(socket);
    });
    far.on('close', () => {
      if (condition() === 'open' || condition() === 'slow') socket.destroy();
      all.delete(far);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    set(next, whose = everyone) {
      last = next;
      affected = whose;
      dropped = '';
      for (const socket of near) {
        if (!whose(socket.remoteAddress ?? '')) continue;
        if (next === 'reset') socket.resetAndDestroy();
        if (next === 'half-closed') socket.end();
      }
    },
    affected: () => affected,
    dropped: () => dropped,
    stop() {
      server.close();
      for (const socket of all) socket.destroy();
    },
  };
}
