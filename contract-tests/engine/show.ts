/** Shows requests and responses in reports. */
import type { CaseResponse } from './case.ts';
import type { ApiResponse } from './check-response.ts';
import { curlCommand } from './curl.ts';
import { cookieHeader } from './send.ts';
import type { SentRequest } from './trial.ts';

const credential = /\b(rk|pst|ps)_[A-Za-z0-9_-]{3,}/g;
const short = (text: string) => (text.length > 400 ? `${text.slice(0, 400)}…` : text);

/** Hides the credentials in a text. */
export type Redact = (text: string) => string;

/** Words in which a credential can be, without and with the signs of Base64. */
const words = [/[\w.~+-]{6,}/g, /[\w.~+/=-]{6,}/g];

/**
 * Redacts credentials: those in the contract's format, those in the suite's options, and those that the target has issued. A server can
 * have a format of its own.
 */
export function redact(text: string, secrets: readonly string[], issued: ReadonlySet<string> = new Set()): string {
  let known = secrets
    .filter((secret) => secret.length > 3)
    .reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
  known = known.replaceAll(credential, '$1_[redacted]');
  for (const word of words) known = known.replaceAll(word, (found) => (issued.has(found) ? '[redacted]' : found));
  // Each API sets the prefix of its keys, so keys are recognized by their field name. A link has the session id, encoded.
  return known.replaceAll(/("key":\s?")[^"]+/g, '$1[redacted]').replaceAll(/([?&]session=)[^"'&\s]+/g, '$1[redacted]');
}

/** The request as a command that anyone can repeat, with its credentials redacted. */
function showRequest({ method, url, request }: SentRequest, hide: Redact): string {
  const { body, rawBody, authorization, cookie, headers = {} } = request;
  const raw = typeof rawBody === 'object' ? new TextDecoder().decode(rawBody) : rawBody;
  const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const all = {
    ...(sent !== undefined && { 'Content-Type': 'application/json' }),
    ...(authorization !== undefined && { Authorization: authorization }),
    ...(cookie !== undefined && { Cookie: cookieHeader(cookie) }),
    ...headers,
  };
  const shown = Object.fromEntries(Object.entries(all).map(([name, value]) => [name, hide(value)]));
  return curlCommand(method, url, shown, sent === undefined ? undefined : hide(sent));
}

// Cut only what is hidden already: a part of a credential is not recognized.
const showResponse = ({ status, body, headers }: ApiResponse, hide: Redact) =>
  [
    `${status} ${short(hide(JSON.stringify(body) ?? 'without a body'))}`,
    headers['set-cookie'] && hide(`Set-Cookie: ${headers['set-cookie']}`),
  ]
    .filter(Boolean)
    .join(' ');

function showPromise({ status, error, locations }: CaseResponse): string {
  const parts = [
    status === 0 ? 'any documented response' : `${status}${error === undefined ? '' : ` ${error}`}`,
    locations && `naming ${locations.join(', ')}`,
  ];
  return parts.filter(Boolean).join(' ');
}

/** What a report shows of a request. Credentials are redacted. */
export interface ShownRequest {
  /** The request, as a command. */
  sent?: string;
  received?: string;
  /** The expected response. */
  promised?: string;
}

/** A request, its response, and the expected response, with a part of it that has a check of its own. */
export const shownRequest = (sent: SentRequest, hide: Redact, part?: string): ShownRequest => ({
  sent: showRequest(sent, hide),
  promised: [showPromise(sent.promised), part].filter(Boolean).join('; '),
  ...(sent.response && { received: showResponse(sent.response, hide) }),
});
