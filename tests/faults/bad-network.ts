/** A way between two processes that can be cut in several manners. */
import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';

/** How it is with the way: open, or cut. */
export type Condition =
  | 'open'
  /** Connections are reset, and new ones too. */
  | 'reset'
  /** What is sent arrives nowhere, and nobody is told. */
  | 'blackhole'
  /** What is asked arrives, the answer does not: and the other side says that it will send no more. */
  | 'half-closed';

/** A proxy on loopback. */
export interface BadNetwork {
  port: number;
  set(condition: Condition): void;
  stop(): void;
}

/** Leads to a port of loopback. */
export async function startBadNetwork(to: number): Promise<BadNetwork> {
  let condition: Condition = 'open';
  const near = new Set<Socket>();
  const all = new Set<Socket>();
  const server = createServer((socket) => {
    const far = createConnection(to, '127.0.0.1');
    near.add(socket);
    for (const one of [socket, far]) {
      all.add(one);
      one.on('error', () => {});
    }
    if (condition === 'reset') socket.resetAndDestroy();
    if (condition === 'half-closed') socket.end();
    socket.on('data', (chunk) => condition !== 'blackhole' && far.write(chunk));
    far.on('data', (chunk) => condition === 'open' && socket.write(chunk));
    socket.on('close', () => {
      far.destroy();
      near.delete(socket);
      all.delete(socket);
    });
    far.on('close', () => {
      if (condition === 'open') socket.destroy();
      all.delete(far);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    set(next) {
      condition = next;
      for (const socket of near) {
        if (next === 'reset') socket.resetAndDestroy();
        if (next === 'half-closed') socket.end();
      }
    },
    stop() {
      server.close();
      for (const socket of all) socket.destroy();
    },
  };
}
