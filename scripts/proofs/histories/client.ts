/** How clients of a round call the servers, and how they record what they learn. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Place, type Call as Request, sendTo } from '../../lab/soak/servers.ts';
import { type Call, unknown } from './history.ts';

/** The workspace that all rounds share. */
export interface Workspace {
  rootKey: string;
  /** An API without a policy, and one with the quota of the checker's model for each user. */
  apiId: string;
  quotaApiId: string;
}

/** A response, as far as a client can judge it. */
export interface Received {
  client: number;
  server: string;
  at: number;
  until: number;
  /** `ok`, `unknown`, or the last word of the error's type. */
  result: string;
  data: Record<string, unknown>;
}

/** The time since the start of this process, in µs. */
const now = () => Math.round(performance.now() * 1000);

/** The last word of an error's type. */
const codeOf = (body: unknown): string =>
  String((body as { error?: { type?: string } })?.error?.type)
    .split('/')
    .at(-1) ?? '';

/** Statuses that a history may contain, besides no response and 503: those say that nobody knows. */
const expected = new Set([200, 401, 403, 404, 409]);

/** How long a client waits after an unknown outcome, as a real one does, in ms. */
const pauseMs = 100;

export type Caller = ReturnType<typeof callerOf>;

/** What sends the calls of a round. `unexpected` gets the responses that no client should get. */
export function callerOf({ rootKey, apiId, quotaApiId }: Workspace, places: Place[], unexpected: string[]) {
  /** Sends a request to the server of the client, or to the next one that listens. Undefined if none does: then nothing was sent. */
  async function send(client: number, request: Request): Promise<Received | undefined> {
    for (let i = 0; i < places.length; i++) {
      const place = places[(client + i) % places.length] as Place;
      const at = now();
      const { status, body, failure } = await sendTo(place, request);
      if (failure?.includes('ECONNREFUSED')) continue;
      const until = now();
      const isKnown = status !== 0 && status !== 503;
      if (isKnown && !expected.has(status)) unexpected.push(`${request.operation}: ${status} ${JSON.stringify(body)}`);
      const result = isKnown && status < 500 ? (status === 200 ? 'ok' : codeOf(body)) : unknown;
      if (result === unknown) await sleep(pauseMs);
      const { data = {} } = (body ?? {}) as { data?: Record<string, unknown> };
      return { client, server: place.name, at, until, result, data };
    }
    await sleep(pauseMs);
    return undefined;
  }

  /** Calls an operation with the root key. */
  const manage = (client: number, operation: string, body: object, key?: string) =>
    send(client, {
      ...{ operation, body, bearer: rootKey },
      ...(key !== undefined && { headers: { 'Idempotency-Key': key } }),
    });

  return {
    apiId,
    quotaApiId,
    send,
    manage,

    /** Calls until the call is served: what a round begins with is no part of its history. */
    async arrange(operation: string, body: object): Promise<Record<string, unknown>> {
      for (let attempts = 0; attempts < 200; attempts++) {
        const reply = await manage(0, operation, body);
        // An attempt whose response was lost may have created the portal.
        if (reply?.result === 'ok' || reply?.result === 'portal_config_already_exists') return reply.data;
      }
      throw new Error(`${operation} is not served`);
    },
  };
}

/** A call as the checker reads it. */
export const callOf = (
  object: string,
  { client, server, at, until, result }: Received,
  call: Pick<Call, 'model' | 'op'> & Partial<Call>,
): Call => ({ object, client, server, at, until, result, part: -1, ...call });

/** The position of one of the last items: those are contested. -1 in an empty list. */
export const recent = (items: unknown[], fraction: number): number =>
  items.length - 1 - Math.floor(fraction ** 2 * items.length);
