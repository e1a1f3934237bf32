/** Sends one request, and again where that is safe. */
import { version } from '../../../generated/operations.ts';
import { deadlineAfter } from './deadline.ts';
import { problemTypeOf } from './response.ts';
import { mayRepeat, type Outcome, pause, pauseBefore, type Repetition, readRetryAfter } from './retry.ts';

/** The limits of all attempts of one call. */
export interface AttemptLimits {
  maxAttempts: number;
  /** ms. An attempt may take longer if no other may follow it. */
  attemptTimeoutMs: number;
  /** Unix ms after which no attempt starts. */
  endsAt: number;
}

/**
 * Browsers send their own, and a page of another origin may not send another one. Everything else, such as Node, says what
 * it is in `navigator` or has none.
 */
const userAgent = globalThis.navigator?.userAgent?.startsWith('Mozilla/') ? undefined : `portico-client/${version}`;

/** A response whose body has been read, or the error because of which there is none. */
type Attempt = { outcome: Outcome } & ({ response: Response; text: string } | { error: unknown });

/**
 * How a response ends its attempt. A gateway that lost the response of the server says so with a page of its own; a 502 of
 * Portico itself is its response.
 */
function outcomeOf({ status }: Response, text: string): Outcome {
  if (status === 502 || status === 504) return problemTypeOf(text) === undefined ? 'lost' : status;
  return status === 409 && problemTypeOf(text)?.endsWith('/request_in_progress') ? 'busy' : status;
}

/** Sends the request once. */
async function attemptOnce(
  fetch: typeof globalThis.fetch,
  url: string,
  init: RequestInit & { signal: AbortSignal },
): Promise<Attempt> {
  try {
    const response = await fetch(url, init);
    // A redirect could send the secrets in the body to another server. `redirect: 'error'` would refuse it too, but some
    // runtimes know only `manual`. A browser hides the status then.
    if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400))
      return {
        outcome: 'redirected',
        error: new TypeError('the server redirects to another address: is baseUrl right?'),
      };
    // Read to the end here, so that a connection that breaks in the middle counts as no response.
    const text = await response.text();
    return { outcome: outcomeOf(response, text), response, text };
  } catch (error) {
    // Not every runtime throws the reason of the signal.
    return { outcome: 'lost', error: init.signal.aborted ? init.signal.reason : error };
  }
}

/**
 * A `fetch` for the requests of the SDK, which sends a request again where that is safe.
 *
 * @param fetch sends one request
 * @param prepare completes the headers of the request, and tells whether it is safe to send again
 * @throws what the last attempt threw; the reason of the request's signal if it aborts
 */
export function fetchWithRetries(
  fetch: typeof globalThis.fetch,
  { maxAttempts, attemptTimeoutMs, endsAt }: AttemptLimits,
  prepare: (request: Request) => Repetition,
): typeof globalThis.fetch {
  return async (input) => {
    const request = input as Request;
    const { url, method, headers, redirect, signal } = request;
    const repetition = prepare(request);
    if (userAgent !== undefined) headers.set('User-Agent', userAgent);
    // A clone of the request would send its body as a stream. Not every browser and server supports that.
    const body = method === 'GET' ? null : await request.text();
    for (let attempt = 1; ; attempt++) {
      const isLast = attempt >= maxAttempts;
      const isLimited = !isLast && mayRepeat('lost', repetition);
      const limit = deadlineAfter(isLimited ? attemptTimeoutMs : Number.POSITIVE_INFINITY, signal);
      const done = await attemptOnce(fetch, url, { method, headers, redirect, signal: limit.signal, body });
      limit.clear();
      if (signal.aborted) throw signal.reason;
      const header = 'error' in done ? null : done.response.headers.get('Retry-After');
      const retryAfter = readRetryAfter(header, Date.now()) ?? (done.outcome === 'busy' ? 1 : undefined);
      const wait = pauseBefore(attempt, retryAfter, Math.random());
      if (isLast || Date.now() + wait >= endsAt || !mayRepeat(done.outcome, repetition)) {
        if ('error' in done) throw done.error;
        return new Response(done.text || null, done.response);
      }
      await pause(wait, signal);
    }
  };
}
