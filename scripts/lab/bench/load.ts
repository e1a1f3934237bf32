/** Sends one operation to one server for some time, and measures its cost. */
import type { EventEmitter } from 'node:events';
import autocannon from 'autocannon';
import type { Peer } from './peer.ts';

/** The results of one run. */
export interface Run {
  requestsPerSecond: number;
  /** ms. */
  p50: number;
  /** ms. */
  p99: number;
  /** CPU time of the server, in µs. */
  cpuPerRequest: number;
  /** Memory of the server at the end, in bytes. */
  memory: number;
}

/** A repeated request. If `body` is a function, it is called for each request. */
export interface Load {
  path: string;
  headers: Record<string, string>;
  body: string | (() => string);
}

/**
 * @param amount number of requests; if undefined, the run takes `seconds`
 * @throws Error if a response is not 2xx, because the figures then mean nothing
 */
export async function run(
  peer: Peer,
  { path, headers, body }: Load,
  { seconds, connections, amount }: { seconds: number; connections: number; amount?: number | undefined },
): Promise<Run> {
  const before = peer.cpuMicros();
  const request = { method: 'POST', path, headers: { 'content-type': 'application/json', ...headers } } as const;
  let lastResponse = 0;
  const begun = performance.now();
  const load = autocannon({
    url: peer.url,
    connections,
    ...(amount === undefined ? { duration: seconds } : { amount }),
    requests: [
      typeof body === 'string' ? { ...request, body } : { ...request, setupRequest: (r) => ({ ...r, body: body() }) },
    ],
  });
  // The types declare only a promise; it also emits an event per response.
  (load as unknown as EventEmitter).on('response', () => {
    lastResponse = performance.now();
  });
  const result = await load;
  if (result.non2xx + result.errors > 0) throw new Error(`${peer.url}${path}: ${result.non2xx + result.errors} failed`);
  const total = result['2xx'];
  return {
    // autocannon averages whole seconds, and a fixed amount rarely ends with one.
    requestsPerSecond: total / ((lastResponse - begun) / 1000),
    p50: result.latency.p50,
    p99: result.latency.p99,
    cpuPerRequest: (peer.cpuMicros() - before) / total,
    memory: peer.memory(),
  };
}
