import { Portico } from '../../../clients/typescript/src/index.ts';
import type { FetchedOpenapiDocument } from '../../../generated/client/types.gen.ts';
import { parseJson } from '../../ui/openapi/json.ts';
import { fetchAndLearnTime } from './clock.ts';
import { pause } from './pause.ts';
import { takeStarted } from './started.ts';

/** Timeout of a call, in ms. The server's own deadlines are much shorter. */
const timeoutMs = 20_000;

/** A lost response counts as none after the usual time: nothing aborts a request that another script has sent. */
function inTime(response: Promise<Response>): Promise<Response> {
  const late = new Promise<Response>((_, reject) => {
    setTimeout(() => reject(new TypeError('the response did not arrive')), timeoutMs);
  });
  return Promise.race([response, late]);
}

/** Sends a request, unless the first script of the page has already sent it. */
const sendOnce: typeof fetch = (input, init) => {
  const started = takeStarted(String(input), init?.body);
  return started === undefined ? fetchAndLearnTime(input, init) : inTime(started);
};

const connect = (sessionToken?: string, send = sendOnce) =>
  // The query client retries reads. If this client retried too, the attempts would multiply.
  new Portico({ baseUrl: location.origin, sessionToken, timeoutMs, maxAttempts: 1, fetch: send }).portal;

/** The operations of the portal. All calls to the server use them. By default, the cookie carries the session. */
export let portal = connect();

/** The same operations without the cookie: its session is neither used nor replaced. */
export const portalWithoutCookie = connect(undefined, (input, init) =>
  fetchAndLearnTime(input, { ...init, credentials: 'omit' }),
);

/** The same operations for one call, whose request another script has already sent. */
export const portalWithResponse = (response: Promise<Response>) => connect(undefined, () => inTime(response));

/**
 * Sends this bearer token with all later calls: in a frame of another site, browsers store no cookie of ours. The token
 * exists only in memory, until the page closes. Elsewhere the cookie carries the session, and no script can read the token.
 */
export function setBearerToken(token: string): void {
  bearer = token;
  portal = connect(token);
}
let bearer: string | undefined;

/** Delays between attempts to remember the portal, in ms. */
const rememberAgainAfterMs = [500, 1000, 2000];

/**
 * Requests the page of a tab for its cookie only, which names the portal of this browser after the session has ended. A page that stays open
 * after the exchange never loads that page itself. Tries again after a transient failure, and never fails.
 */
export async function rememberPortal(path: string): Promise<void> {
  for (const delay of [...rememberAgainAfterMs, undefined]) {
    const isDecided = await sendOnce(path, { method: 'HEAD', headers: { Accept: 'text/html' } }).then(
      ({ status }) => status < 500 && status !== 429,
      () => false,
    );
    if (isDecided || delay === undefined) return;
    await pause(delay);
  }
}

/** Reads the OpenAPI document with its numbers as they are written. The client would parse them as doubles. */
export async function readOpenapiDocument(): Promise<FetchedOpenapiDocument> {
  let text = '';
  const { getOpenapiDocument } = connect(bearer, async (input, init) => {
    const response = await fetchAndLearnTime(input, init);
    if (!response.ok) return response;
    text = await response.text();
    return Response.json({ meta: {}, data: {} });
  });
  await getOpenapiDocument();
  return (parseJson(text) as { data: FetchedOpenapiDocument }).data;
}
