/**
 * Limits on the time and size of requests. Each is more than a well-behaved client needs, and less than Node's default, which
 * is for servers behind a proxy.
 */
import type { Server, ServerOptions } from 'node:http';

/** The options of Node's HTTP server; times in ms. */
export const serverLimits: ServerOptions = {
  /** A request line and headers fit into a few packets. */
  headersTimeout: 10_000,
  /** A body has at most 100 kB: 4 kB per second. */
  requestTimeout: 30_000,
  /** How often Node checks the two timeouts above. */
  connectionsCheckingInterval: 2000,
  /** Longer than the idle timeout of load balancers (60 s): they close idle connections, never during a request. */
  keepAliveTimeout: 65_000,
  /** The request line and all headers, in bytes. */
  maxHeaderSize: 16_384,
  /** `readHead` in http/request-head.ts checks it and responds in the envelope. */
  requireHostHeader: false,
  insecureHTTPParser: false,
};

/**
 * The idle timeout of a connection during a request or a response, in ms. Node doubles it for a client that has started to
 * read. The slowest operation fetches a document, which takes at most 5 s.
 */
const idleMs = 20_000;

/**
 * Sets the limits that are not options of the constructor.
 *
 * @param maxConnections the number of connections: a further one is closed at once
 */
export function limit(server: Server, maxConnections: number): void {
  server.maxConnections = maxConnections;
  // Without it, a client that never reads would keep its connection and its response forever.
  server.setTimeout(idleMs);
  // A proxy sends the requests of many users over one connection, so their number is unlimited.
  server.maxRequestsPerSocket = 0;
}
