/** The options of a connection and of one call, and their validation. */

/** Limits of a call. */
export interface CallLimits {
  /** Maximum number of attempts; `1` disables retries. Default 3. */
  maxAttempts?: number | undefined;
  /** Time limit of a call in ms, including all attempts and delays. Default 10,000. */
  timeoutMs?: number | undefined;
  /**
   * Time limit of one attempt in ms, after which the client tries again. It applies only to requests that are safe to repeat,
   * and not to the last attempt. Default: half of `timeoutMs`.
   */
  attemptTimeoutMs?: number | undefined;
}

/** The options of a connection. */
export interface PorticoOptions extends CallLimits {
  /** The server's origin, such as `https://portal.acme.example`. */
  baseUrl: string;
  /** A root key. For your backend only: never use it in a browser. */
  rootKey?: string | undefined;
  /** A browser session token, for the operations of a signed-in user. Each call can override it. */
  sessionToken?: string | undefined;
  /** Replaces the global `fetch`, for example to use a proxy. */
  fetch?: typeof globalThis.fetch | undefined;
}

/** The options of one call. */
export interface CallOptions extends CallLimits {
  /** Cancels the call, which then throws the reason of the signal. */
  signal?: AbortSignal | undefined;
  /** The browser session token of a user. Overrides the token of the connection. */
  sessionToken?: string | undefined;
}

/** The options of a call to an operation that accepts an `Idempotency-Key`. */
export interface IdempotentCallOptions extends CallOptions {
  /**
   * Identifies the request, so that the server acts once, however often it receives the request. By default, the client
   * creates a key for each call and sends it with each attempt. Pass your own key if your program can repeat the call, for
   * example after a restart, or the `idempotencyKey` of an error.
   */
  idempotencyKey?: string | undefined;
}

/**
 * Validates a header value that contains a secret. `fetch` validates it too, but its error contains the value.
 *
 * @throws TypeError without the value
 */
export function requireHeaderText(name: string, value: string | undefined): void {
  if (value !== undefined && !/^[\x21-\x7e]+$/.test(value))
    throw new TypeError(`${name} must be visible ASCII characters without spaces`);
}

/** The URL of a text. Browsers before 2024 have neither `URL.canParse` nor `URL.parse`. */
function parsed(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** The origin of a URL. @throws TypeError without the URL, which can contain a password */
export function originOf(baseUrl: string): string {
  const url = parsed(baseUrl);
  const isOrigin = url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  if (!isOrigin || url.pathname !== '/' || url.search !== '' || url.hash !== '')
    throw new TypeError('baseUrl must be an http:// or https:// origin without a path or a password');
  return url.origin;
}
