import { Portico } from '../../../clients/typescript/src/index.ts';
import { fetchAndLearnTime } from './clock.ts';

/** Timeout of a call, in ms. The server's own deadlines are much shorter. */
const timeoutMs = 20_000;

const connect = (sessionToken?: string, send = fetchAndLearnTime) =>
  // The query client retries reads. If this client retried too, the attempts would multiply.
  new Portico({ baseUrl: location.origin, sessionToken, timeoutMs, maxAttempts: 1, fetch: send }).portal;

/** The operations of the portal. All calls to the server use them. By default, the cookie carries the session. */
export let portal = connect();

/** The same operations without the cookie: its session is neither used nor replaced. */
export const portalWithoutCookie = connect(undefined, (input, init) =>
  fetchAndLearnTime(input, { ...init, credentials: 'omit' }),
);

/**
 * Sends this bearer token with all later calls: in a frame of another site, browsers store no cookie of ours. The token
 * exists only in memory, until the page closes. Elsewhere the cookie carries the session, and no script can read the token.
 */
export function setBearerToken(token: string): void {
  portal = connect(token);
}
