/**
 * Verifies the API key of a web `Request` with Portico, as Hono, Next.js, Deno, Bun and Cloudflare Workers have them.
 */
import type { Connection } from './connection.ts';
import { keyVerifier, problemOf, type Refusal, type VerifiedKey, type VerifyKeyOptions } from './verification.ts';

export type { Refusal, VerifiedKey };

/** The options of `verifyKey`. */
export interface WebVerifyKeyOptions extends VerifyKeyOptions<Request> {
  /** Returns your own response instead of `application/problem+json`. Its own headers win over those of the refusal. */
  respond?: (refusal: Refusal, request: Request) => Response | Promise<Response>;
}

/** The key of a request, or the response to a request that is refused. */
export type WebDecision = { key: VerifiedKey; response?: undefined } | { key?: undefined; response: Response };

/**
 * Returns a function that verifies the key of a request: `const { key, response } = await verify(request)`. If there is a
 * `response`, return it. It is the same as that of the middleware for Express.
 *
 * @throws TypeError if an option is invalid, or the connection has no root key
 */
export function verifyKey(
  portico: Connection,
  options: WebVerifyKeyOptions,
): (request: Request) => Promise<WebDecision> {
  const decide = keyVerifier(portico, options);
  const { respond } = options;
  return async (request) => {
    const { key, refusal } = await decide((name) => request.headers.get(name), request);
    if (refusal === undefined) return { key };
    const { headers, type, body } = problemOf(refusal);
    if (respond === undefined)
      return {
        response: new Response(body, { status: refusal.status, headers: { ...headers, 'Content-Type': type } }),
      };
    const own = await respond(refusal, request);
    // A copy, because the headers of some responses cannot change.
    const response = new Response(own.body, own);
    for (const [name, value] of Object.entries(headers))
      if (!response.headers.has(name)) response.headers.set(name, value);
    return { response };
  };
}
