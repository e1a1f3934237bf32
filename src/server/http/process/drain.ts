import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How long requests in progress can take to finish after SIGTERM, in ms. */
export const drainDeadlineMs = 10_000;

/**
 * Prepares a server for draining. The returned function stops accepting connections, asks clients to close theirs, and
 * waits up to ten seconds for requests in progress.
 *
 * Requests in progress are tracked by connection. A set of responses would change with every request, and each response
 * would live until the next major garbage collection.
 */
export function drainable(server: Server): () => Promise<void> {
  const connections = new Map<Socket, { res?: ServerResponse }>();
  let draining = false;
  const closeConnection = (res: ServerResponse) => {
    if (!res.headersSent) res.setHeader('Connection', 'close');
  };
  server.on('connection', (socket) => {
    connections.set(socket, {});
    socket.once('close', () => connections.delete(socket));
  });
  server.on('request', (req, res) => {
    const connection = connections.get(req.socket);
    if (connection !== undefined) connection.res = res;
    if (draining) closeConnection(res);
  });
  return async () => {
    draining = true;
    for (const { res } of connections.values()) if (res !== undefined) closeConnection(res);
    const closed = once(server, 'close');
    server.close();
    const timer = setTimeout(() => server.closeAllConnections(), drainDeadlineMs);
    await closed;
    clearTimeout(timer);
  };
}
