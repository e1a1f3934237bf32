/** The settings of a connection, of one call, and what is wrong with them. */

/** How often a call is tried, and for how long. */
export interface Patience {
  /** How often a request is sent at most; 1 is never again. Default 3. */
  maxAttempts?: number | undefined;
  /** For how long a call may take in all, with every try and pause, in ms. Default 10,000. */
  timeoutMs?: number | undefined;
}

/** Which Portico, as whom, and how patiently. */
export interface PorticoOptions extends Patience {
  /** The server's origin, such as `https://portal.acme.example`. */
  baseUrl: string;
  /** A root key, for your backend alone. */
  rootKey?: string | undefined;
  /** A browser session token, for the operations of a portal's user. A call can bring its own instead. */
  sessionToken?: string | undefined;
  /** Used instead of the global `fetch`, such as one that goes through a proxy. */
  fetch?: typeof globalThis.fetch | undefined;
}

/** What may be said with each call. */
export interface CallOptions extends Patience {
  /** Ends the call, which then throws the signal's reason. */
  signal?: AbortSignal | undefined;
  /** The user's browser session token, instead of that of the connection. */
  sessionToken?: string | undefined;
}

/** What may be said with a call that can be sent again with the same key. */
export interface IdempotentCallOptions extends CallOptions {
  /**
   * Names the request, so that it is done once however often it is sent. By default each call gets one of its own, which
   * its tries share; bring your own where the call itself may come again, such as after a restart.
   */
  idempotencyKey?: string | undefined;
}

/**
 * What can stand in a header as it is. `fetch` would say so too, and repeat the value.
 *
 * @throws TypeError that does not repeat it
 */
export function headerText(name: string, value: string): string {
  if (!/^[\x21-\x7e]+$/.test(value)) throw new TypeError(`${name} must be visible ASCII characters without spaces`);
  return value;
}

/** @throws TypeError that does not repeat it: a URL may hold a password */
export function originOf(baseUrl: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  const isOrigin = url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  if (!isOrigin || url.pathname !== '/' || url.search !== '' || url.hash !== '')
    throw new TypeError('baseUrl must be an http:// or https:// origin without a path or a password');
  return url.origin;
}
