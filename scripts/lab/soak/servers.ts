/** The servers of a soak test behind a load balancer, which sends requests only to servers that report ready. */
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';
import type { LocalServer } from '../../../tests/support/server.ts';

/** The interval between readiness checks, in ms. */
const probeMs = 200;
/** The maximum time until a response, in ms. */
const responseTimeoutMs = 10_000;

/** A response. Status 0 means no response, and `failure` has the reason. */
export interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: unknown;
  /** The name of the server that got the request. */
  server: string;
  failure?: string;
}

/** A request to an operation. */
export interface Call {
  operation: string;
  body: unknown;
  bearer?: string;
  /** A body that is sent unchanged, instead of `body`. */
  raw?: string;
  method?: string;
  headers?: Record<string, string>;
}

/** A server behind the balancer. A restart replaces the process of `server`. */
export interface Place {
  name: string;
  server: LocalServer;
  isReady: boolean;
  agent: Agent;
}

/** Counts the errors that a server logs, by cause. */
export function countErrors({ process }: LocalServer, counts: Record<string, number>): void {
  if (process.stdout === null) return;
  createInterface({ input: process.stdout }).on('line', (line) => {
    if (!line.includes('"level":"error"')) return;
    const { msg, err } = JSON.parse(line) as { msg: string; err?: { message: string } };
    const cause = `${msg}: ${err?.message ?? 'no cause'}`;
    counts[cause] = (counts[cause] ?? 0) + 1;
  });
}

/** Creates a place for a server. */
export const placeOf = (name: string, server: LocalServer): Place => ({
  name,
  server,
  isReady: true,
  agent: new Agent({ keepAlive: true, maxSockets: 64 }),
});

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** Sends a request to one server. It does not throw; see `failure`. */
export function sendTo(
  place: Place,
  { operation, body, bearer, raw, method = 'POST', headers: more = {} }: Call,
): Promise<Reply> {
  const text = raw ?? JSON.stringify(body);
  const headers: Record<string, string | number> = {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    ...(bearer !== undefined && { Authorization: `Bearer ${bearer}` }),
    ...more,
  };
  return new Promise((resolve) => {
    const none = (failure: string) => resolve({ status: 0, headers: {}, body: undefined, server: place.name, failure });
    const sent = request(
      { host: '127.0.0.1', port: place.server.port, path: `/v2/${operation}`, method, headers, agent: place.agent },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', (error) => none(error.message));
        response.on('end', () => {
          const { statusCode = 0, headers: received } = response;
          resolve({
            status: statusCode,
            headers: received,
            body: parse(Buffer.concat(chunks).toString()),
            server: place.name,
          });
        });
      },
    );
    sent.setTimeout(responseTimeoutMs, () => sent.destroy(new Error('no response in time')));
    sent.on('error', (error) => none(error.message));
    sent.end(text);
  });
}

/** Creates a round-robin load balancer for the servers that are ready. */
export function balancer(places: Place[]) {
  let turn = 0;
  const probe = async (place: Place) => {
    const { status } = await sendTo(place, { operation: 'readiness', body: '', raw: '', method: 'GET' });
    place.isReady = status === 200;
  };
  const timer = setInterval(() => places.forEach((place) => void probe(place)), probeMs);
  return {
    /** Sends a request to the next ready server. If none is ready, the first server gets it, and returns the error. */
    send(call: Call): Promise<Reply> {
      turn++;
      const ready = places.filter(({ isReady }) => isReady);
      const place = ready[turn % ready.length] ?? places[0];
      if (place === undefined) throw new Error('there is no server');
      return sendTo(place, call);
    },
    stop() {
      clearInterval(timer);
      for (const { agent } of places) agent.destroy();
    },
  };
}
