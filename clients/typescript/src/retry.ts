/** When to ask again, and how long to wait before. Pure: the clock and the dice are handed in. */

/** The longest pause before the second try, in ms, where the server names none; it doubles with each further try. */
const firstPauseMs = 200;
const longestPauseMs = 10_000;

/** What decides whether an operation is safe to send again. */
export interface Repetition {
  /** Whether the spec says that it does nothing twice. */
  repeatable: boolean;
  /** Whether it was sent with an Idempotency-Key. */
  hasIdempotencyKey: boolean;
}

/**
 * Whether the same request may be sent again. A 429 says that nothing was done. A 503 says that it may have been, so it
 * takes an operation that does nothing twice, or a key by which the server knows the request again.
 */
export function mayRepeat(status: number, { repeatable, hasIdempotencyKey }: Repetition): boolean {
  return status === 429 || (status === 503 && (repeatable || hasIdempotencyKey));
}

/**
 * Reads `Retry-After`, which is seconds or a date.
 *
 * @param now Unix ms
 * @returns seconds, whole where the header has them; undefined where there is none that can be read
 */
export function readRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000);
}

/**
 * How long to wait before the next try: what the server asks for and, so that those who were refused together do not come
 * back together, up to the whole of a pause that grows.
 *
 * @param attempt how many tries there were
 * @param retryAfter seconds
 * @param random from 0 to 1
 * @returns ms
 */
export function pauseBefore(attempt: number, retryAfter: number | undefined, random: number): number {
  const most = Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1));
  return (retryAfter ?? 0) * 1000 + random * most;
}

/** Waits, unless it is told that it need not. @throws the signal's reason */
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
