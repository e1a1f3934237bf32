/**
 * The only way from a document to the network. A document of the customer is not trusted: its addresses decide where a request
 * goes, so no request may have the user's authority at the portal, and nothing is fetched only because it is shown.
 */
import type { ApiRequest, Part } from '../openapi/request.ts';

/** Why a request is not sent: the name of a text. */
export class Refusal extends Error {
  readonly text: 'ownOrigin' | 'notHttp';

  constructor(text: Refusal['text']) {
    super(text);
    this.text = text;
  }
}

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
 * @throws Refusal if the address is no http or https address
 */
export function reachesOwnOrigin(address: string, page: string): boolean {
  const url = URL.parse(address, page);
  if (url === null || !/^https?:$/.test(url.protocol)) throw new Refusal('notHttp');
  const own = new URL(page);
  url.protocol = own.protocol;
  url.hostname = withoutDotsAtEnd(url.hostname);
  own.hostname = withoutDotsAtEnd(own.hostname);
  return url.origin === own.origin;
}

/** Fills in the secrets. */
function filled(parts: readonly Part[], secrets: Readonly<Record<string, string>>): string {
  return parts
    .map((part) => {
      if (typeof part === 'string') return part;
      if ('secret' in part) return secrets[part.secret] ?? '';
      const text = filled(part.base64, secrets);
      return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
    })
    .join('');
}

/** A request as `fetch` takes it. */
export function fetchable(
  { method, url, secretQuery, headers, body }: ApiRequest,
  secrets: Readonly<Record<string, string>>,
  files: Readonly<Record<string, File>>,
): { url: string; init: RequestInit } {
  const query = secretQuery.map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(filled(value, secrets))}`,
  );
  const sent = new Headers();
  for (const [name, value] of headers) if (name !== 'Cookie') sent.append(name, filled(value, secrets));
  const init: RequestInit = { method, headers: sent };
  if (body?.kind === 'form') {
    const form = new FormData();
    for (const [name, value] of body.parts) {
      const file = typeof value === 'string' ? value : files[name];
      if (file !== undefined) form.append(name, file);
    }
    init.body = form;
  } else if (body?.kind === 'text' && !['GET', 'HEAD'].includes(method)) init.body = body.text;
  return { url: query.length === 0 ? url : `${url}${url.includes('?') ? '&' : '?'}${query.join('&')}`, init };
}

/** Sends a request. */
export type Send = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Sends a request that the user has started: without cookies, and to any origin but that of the page. It follows no redirect,
 * because a browser does not show where one leads before it has followed it.
 *
 * @throws Refusal, and everything that `fetch` throws
 */
export const callApi: Send = async (url, init) => {
  if (reachesOwnOrigin(url, document.baseURI)) throw new Refusal('ownOrigin');
  return fetch(url, { ...init, credentials: 'omit', redirect: 'error', referrerPolicy: 'no-referrer' });
};

/**
 * Sends a request of our own document, which is trusted, to this server. The cookie of the session goes with it, as the
 * operations of the portal expect.
 */
export const callOwnServer: Send = (url, init) => fetch(url, init);
