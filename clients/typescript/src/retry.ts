/** When to retry, and how long to wait before it. Pure: the caller passes the time and the random number. */

/** The maximum random delay before the second attempt, in ms. It doubles with each further attempt. */
const firstPauseMs = 200;
const maxPauseMs = 10_000;

/** What decides whether a request is safe to send again. */
export interface Repetition {
  /** Whether the spec marks the operation `x-repeatable`. */
  repeatable: boolean;
  /** Whether the request has an `Idempotency-Key`. */
  hasIdempotencyKey: boolean;
}

/**
 * How an attempt ends: with the status of a response; without a response, because the connection failed, the time was over,
 * or a gateway reports that it got none; while the server is busy with an earlier attempt with the same `Idempotency-Key`; or
 * with a redirect, which the client does not follow.
 */
export type Outcome = number | 'lost' | 'busy' | 'redirected';

/**
 * Whether the client can send the same request again. After a 429 the server has done nothing. After a 503, or without a
 * response, it may have completed the request, so the operation must be repeatable, or the server must recognize the request
 * by its key. It recognizes it as well while an earlier attempt is in progress: a repeat gets the response of that attempt.
 */
export function mayRepeat(outcome: Outcome, { repeatable, hasIdempotencyKey }: Repetition): boolean {
  const mayHaveRun = outcome === 503 || outcome === 'lost' || outcome === 'busy';
  return outcome === 429 || (mayHaveRun && (repeatable || hasIdempotencyKey));
}

/**
 * Parses `Retry-After`, which contains seconds or a date (RFC 9110, section 10.2.3).
 *
 * @param now Unix ms
 * @returns seconds; undefined if the header is missing or invalid
 */
export function readRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000);
}

/**
 * How long to wait before the next attempt: `Retry-After`, plus a random part of a delay that doubles. The random part
 * spreads clients that were rate limited at the same time.
 *
 * @param attempt the number of attempts so far
 * @param retryAfter seconds
 * @param random from 0 to 1
 * @returns ms
 */
export function pauseBefore(attempt: number, retryAfter: number | undefined, random: number): number {
  const maxJitterMs = Math.min(maxPauseMs, firstPauseMs * 2 ** (attempt - 1));
  return (retryAfter ?? 0) * 1000 + random * maxJitterMs;
}

/** Waits until the time has passed. @throws the reason of the signal if it aborts */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
