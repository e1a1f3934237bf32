/**
 * How long a client may take, and how much it may send, before the server has had enough of it. Each is longer than an honest
 * client needs, and shorter than Node's own, which are for servers that stand behind a proxy.
 */
import type { Server, ServerOptions } from 'node:http';

/** What Node's HTTP server is made with; times in ms. */
export const serverLimits: ServerOptions = {
  /** A request line and headers are one packet or a few. */
  headersTimeout: 10_000,
  /** A body is 100 kB at most: 4 kB a second. */
  requestTimeout: 30_000,
  /** How often both are looked at. */
  connectionsCheckingInterval: 2000,
  /** Longer than balancers keep an idle connection (60 s), so that it is they who close it, and not while they send. */
  keepAliveTimeout: 65_000,
  /** The request line and all headers, in bytes. */
  maxHeaderSize: 16_384,
  /** That is for require-host.ts, which answers in the envelope. */
  requireHostHeader: false,
  insecureHTTPParser: false,
};

/**
 * How long nothing may move on a connection that waits for an answer, or for its client to read one, in ms. Node gives a
 * client that has begun to read twice that. Fetching a document, for which an operation waits longest, takes 5 s at most.
 */
const idleMs = 20_000;

/** Sets what can only be set on the server itself. */
export function limit(server: Server): void {
  // Without it a client that never reads keeps its connection and its answer for ever.
  server.setTimeout(idleMs);
  // A proxy sends the requests of many users over one connection; there is no number after which that must end.
  server.maxRequestsPerSocket = 0;
}
