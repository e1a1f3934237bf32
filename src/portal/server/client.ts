import { createClient, createConfig } from '../../../generated/client/client/index.ts';
import { Portico } from '../../../generated/client/sdk.gen.ts';

/**
 * The session token of a portal in a frame of another site, where browsers store no cookie of ours. It exists only in
 * memory, until the page closes. Elsewhere the cookie carries the session, and no script can read the token.
 */
let frameToken: string | undefined;

/** Sends this bearer token with all later calls. */
export function setBearerToken(token: string): void {
  frameToken = token;
}

/** Timeout of a call, in ms. The server's own deadlines are much shorter. */
const callDeadlineMs = 20_000;

const client = createClient(
  createConfig({
    baseUrl: location.origin,
    fetch: (request) => fetch(request, { signal: AbortSignal.timeout(callDeadlineMs) }),
    // Without this the client would also send the token as a cookie, which scripts cannot set.
    auth: ({ type }) => (type === 'http' ? frameToken : undefined),
  }),
);

/** The generated client. All calls to the server use it. */
export const { portal } = new Portico({ client });
