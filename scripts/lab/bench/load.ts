/** Sends one operation to one server for a while, and tells what it cost. */
import type { EventEmitter } from 'node:events';
import autocannon from 'autocannon';
import type { Peer } from './peer.ts';

/** What one run showed. */
export interface Run {
  requestsPerSecond: number;
  /** ms. */
  p50: number;
  /** ms. */
  p99: number;
  /** µs of the server's processor time. */
  cpuPerRequest: number;
  /** Bytes that the server held at the end. */
  memory: number;
}

/** A request as it is sent again and again. `body` is called for each where it is a function. */
export interface Load {
  path: string;
  headers: Record<string, string>;
  body: string | (() => string);
}

/**
 * @param amount how many requests; where undefined, as many as there is time for
 * @throws Error where anything but 2xx came back: a figure of errors is none
 */
export async function run(
  peer: Peer,
  { path, headers, body }: Load,
  { seconds, connections, amount }: { seconds: number; connections: number; amount?: number | undefined },
): Promise<Run> {
  const before = peer.cpuMicros();
  const request = { method: 'POST', path, headers: { 'content-type': 'application/json', ...headers } } as const;
  let lastAnswer = 0;
  const begun = performance.now();
  const load = autocannon({
    url: peer.url,
    connections,
    ...(amount === undefined ? { duration: seconds } : { amount }),
    requests: [
      typeof body === 'string' ? { ...request, body } : { ...request, setupRequest: (r) => ({ ...r, body: body() }) },
    ],
  });
  // The types know it as a promise alone; it tells of each answer too.
  (load as unknown as EventEmitter).on('response', () => {
    lastAnswer = performance.now();
  });
  const result = await load;
  if (result.non2xx + result.errors > 0) throw new Error(`${peer.url}${path}: ${result.non2xx + result.errors} failed`);
  const total = result['2xx'];
  return {
    // Its own average is of whole seconds, and an amount rarely ends with one.
    requestsPerSecond: total / ((lastAnswer - begun) / 1000),
    p50: result.latency.p50,
    p99: result.latency.p99,
    cpuPerRequest: (peer.cpuMicros() - before) / total,
    memory: peer.memory(),
  };
}
