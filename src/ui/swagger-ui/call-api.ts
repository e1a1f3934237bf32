/**
 * The only way from a document to the network. A document of the customer is not trusted: its addresses decide where a request
 * goes, so no request may have the user's authority at the portal, and nothing is fetched only because it is shown.
 */

/** A request of Swagger UI, as far as it is used here. Its names are those of `fetch`, and its values come from the document. */
export interface DocumentRequest {
  url: string;
  method?: string;
  headers?: Record<string, string>;
  body?: BodyInit | null;
  userFetch?: unknown;
}

/** A refusal. Swagger UI shows the name of an error before its message, unless it is empty. */
const refusal = (message: string) => Object.assign(new Error(message), { name: '' });

/** The texts of the refusals, which the portal translates. */
export const refusals = {
  ownOrigin: 'This page does not send requests of a document to the portal itself.',
  notHttp: 'This page sends requests only to http and https addresses.',
} as const;

/** A loop, because `/\.+$/` takes quadratic time for many dots before another character. */
function withoutDotsAtEnd(host: string): string {
  let { length } = host;
  while (host[length - 1] === '.') length -= 1;
  return host.slice(0, length);
}

/**
 * Whether a request to this address reaches the origin of the page, however the address is written. `fetch` resolves it as here
 * (URL Standard, section 4.4), which settles case, default ports, IDNA, numbers as IP addresses and relative addresses. Two
 * other origins count as the same: the one with a dot after the host, which is the same host in DNS, and the one with the other
 * scheme, because `upgrade-insecure-requests` changes `http` to `https`.
 *
 * @throws Error if the address is no http or https address
 */
export function reachesOwnOrigin(address: string, page: string): boolean {
  const url = URL.parse(address, page);
  if (url === null || !/^https?:$/.test(url.protocol)) throw refusal(refusals.notHttp);
  const own = new URL(page);
  url.protocol = own.protocol;
  url.hostname = withoutDotsAtEnd(url.hostname);
  own.hostname = withoutDotsAtEnd(own.hostname);
  return url.origin === own.origin;
}

/**
 * Sends a request that the user has started with "Execute": without cookies, and to any origin but that of the page. It follows
 * no redirect, because a browser does not show where one leads before it has followed it.
 *
 * @throws Error of `refusals`, and everything that `fetch` throws
 */
export function callApi(address: string, { method, headers, body }: DocumentRequest): Promise<Response> {
  if (reachesOwnOrigin(address, document.baseURI)) throw refusal(refusals.ownOrigin);
  return fetch(address, {
    ...(method !== undefined && { method }),
    ...(headers !== undefined && { headers }),
    ...(body !== undefined && { body }),
    credentials: 'omit',
    redirect: 'error',
    referrerPolicy: 'no-referrer',
  });
}

/**
 * Sends a request of our own document, which is trusted, to this server. The cookie of the session goes with it, as the
 * operations of the portal expect.
 */
export const callOwnServer = (address: string, request: DocumentRequest): Promise<Response> =>
  fetch(address, request as RequestInit);

/** A request that the user has not started: Swagger UI makes some to show what the document refers to. */
const isStarted = ({ userFetch }: DocumentRequest) => userFetch === callApi || userFetch === callOwnServer;

/** Swagger UI calls this before each of its requests. @throws Error for each that the user has not started */
export function onlyStarted<Request extends DocumentRequest>(request: Request): Request {
  if (!isStarted(request)) throw refusal('Nothing is fetched to show a document.');
  return request;
}
