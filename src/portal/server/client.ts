import { createClient, createConfig } from '../../../generated/client/client/index.ts';
import { Portico } from '../../../generated/client/sdk.gen.ts';

/**
 * The token of a portal that is shown in a frame of another site, where browsers keep no cookie of ours. It lives in
 * memory alone and goes with the page. Elsewhere the cookie does all, and no script ever sees the token.
 */
let frameToken: string | undefined;

/** Sends this token from now on, as a bearer. */
export function bearToken(token: string): void {
  frameToken = token;
}

/** After so long, in ms, a call that has no answer is given up. The server's own deadlines are far shorter. */
const callDeadlineMs = 20_000;

const client = createClient(
  createConfig({
    baseUrl: location.origin,
    fetch: (request) => fetch(request, { signal: AbortSignal.timeout(callDeadlineMs) }),
    // A token would go out as a cookie too, which no script can set.
    auth: ({ type }) => (type === 'http' ? frameToken : undefined),
  }),
);

/** The generated client: the only way to the server. */
export const { portal } = new Portico({ client });
