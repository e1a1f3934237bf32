/** Uses the responses to the requests that the first script of a link's page has sent before the app was loaded. */
import { learnFrom } from './clock.ts';

/** A request by its path and its body. */
export interface FirstRequest {
  path: string;
  /** Absent for HEAD. */
  body?: string;
}

/** A request that was sent before the app was loaded. */
export interface StartedRequest extends FirstRequest {
  /** By the device's clock, in Unix ms. */
  sentAt: number;
  response: Promise<Response>;
}

declare global {
  /** The first script of a link's page adds them once the link is exchanged. */
  var portalRequests: StartedRequest[] | undefined;
}

// No other script finds them.
const started: StartedRequest[] = globalThis.portalRequests ?? [];
globalThis.portalRequests = undefined;

/** Returns the response to this request if it was already sent, once. */
export function takeStarted(url: string, body: unknown): Promise<Response> | undefined {
  const { pathname } = new URL(url, location.origin);
  const at = started.findIndex((request) => request.path === pathname && request.body === (body ?? undefined));
  const [request] = at === -1 ? [] : started.splice(at, 1);
  return request && learnFrom(request.response, request.sentAt);
}
