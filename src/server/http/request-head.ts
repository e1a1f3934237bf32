/**
 * Refuses a request whose head two programs can read in different ways, such as a proxy and this server: one of them would
 * check another host, credential or length than the other one uses. The parser of Node refuses broken syntax before this, such
 * as folded lines, control characters, and two lengths.
 */
import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import type { RequestHandler } from 'express';
import { invalidInput, type ValidationFailure } from '../problem.ts';

/**
 * Fields with one value (RFC 9110, section 5.3; Fetch Standard). Of most of them Node drops all but the first; the others it
 * joins. A list that arrives in several lines is one list, and a proxy may repeat fields that it adds itself.
 */
const singleFields = [
  'access-control-request-method',
  'authorization',
  'content-length',
  'content-location',
  'content-range',
  'content-type',
  'date',
  'from',
  'host',
  'idempotency-key',
  'if-modified-since',
  'if-range',
  'if-unmodified-since',
  'max-forwards',
  'origin',
  'proxy-authorization',
  'range',
  'referer',
  'sec-fetch-dest',
  'sec-fetch-mode',
  'sec-fetch-site',
  'sec-fetch-user',
  'user-agent',
];

const failure = (location: string, message: string, fix: string): ValidationFailure => ({ location, message, fix });

/** The fields with one value that arrive more than once. */
function repeatedFields({ headers, rawHeaders }: IncomingMessage): string[] {
  // Without any repeated field, which is nearly always, there are as many names as lines.
  if (Object.keys(headers).length * 2 === rawHeaders.length) return [];
  const names = rawHeaders.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
  return singleFields.filter((field) => names.indexOf(field) !== names.lastIndexOf(field));
}

/**
 * Whether a text is the host and the port of an http URL (RFC 3986, section 3.2): an IP address or a name in ASCII. Without
 * user information, because that is how a URL passes for one of another host.
 */
export function isAuthority(text: string): boolean {
  const [, address, name, port = ''] = /^(?:\[([^\]]*)\]|([\w.-]+))(?::(\d{0,5}))?$/.exec(text) ?? [];
  const hasHost = address === undefined ? name !== undefined : isIPv6(address) && !address.includes('%');
  return hasHost && Number(port) <= 65_535;
}

/** An authority as it is compared: in lower case, without the default port of its scheme. */
const comparable = (authority: string, scheme: string) =>
  authority.toLowerCase().replace(scheme.toLowerCase() === 'https' ? /:(443)?$/ : /:(80)?$/, '');

function hostFailure({ httpVersion, headers: { host } }: IncomingMessage): ValidationFailure | undefined {
  if (host === undefined) {
    // A client of HTTP/1.0, such as the probe of a load balancer, may leave it out.
    return httpVersion === '1.0'
      ? undefined
      : failure('headers.host', 'is required', 'Name the host in a Host header.');
  }
  return isAuthority(host)
    ? undefined
    : failure('headers.host', 'must be a host, with or without a port', 'Send the host of the URL, and nothing else.');
}

function framingFailure({ httpVersion, headers }: IncomingMessage): ValidationFailure | undefined {
  const coding = headers['transfer-encoding'];
  if (coding === undefined || (httpVersion === '1.1' && coding.toLowerCase() === 'chunked')) return undefined;
  return failure('headers.transfer-encoding', 'must be chunked, in HTTP/1.1', 'Send the body with a Content-Length.');
}

/**
 * The target in the form that the server works with, a path with a query; undefined if it is not one of this host. A client
 * may also send a whole URL (RFC 9112, section 3.2.2), and then its host must be that of the Host header.
 */
export function targetOf(url: string, host: string | undefined): string | undefined {
  if (url.includes('#')) return undefined;
  if (url.startsWith('/') || url === '*') return url;
  const [, scheme = '', authority = '', rest = ''] = /^(https?):\/\/([^/?]*)(.*)$/i.exec(url) ?? [];
  if (!isAuthority(authority)) return undefined;
  if (host !== undefined && comparable(authority, scheme) !== comparable(host, scheme)) return undefined;
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/**
 * Refuses an ambiguous head, and turns an absolute target into a path.
 *
 * @throws Problem invalid_input
 */
export const readHead: RequestHandler = (req, res, next) => {
  const { httpVersion, url, headers } = req;
  if (httpVersion !== '1.1' && httpVersion !== '1.0') {
    throw invalidInput(failure('request', 'must be HTTP/1.1 or HTTP/1.0', 'Use an HTTP client.'));
  }
  const framing = framingFailure(req);
  // Where the next request of this connection begins is unknown (RFC 9112, section 6.1).
  if (framing !== undefined) res.set('Connection', 'close');
  const repeated = repeatedFields(req).map((name) =>
    failure(`headers.${name}`, 'must not be sent more than once', 'Send this header once.'),
  );
  const failures = [...repeated, hostFailure(req), framing].filter((each) => each !== undefined);
  if (failures.length > 0) throw invalidInput(...failures);
  const target = targetOf(url, headers.host);
  if (target === undefined) {
    throw invalidInput(
      failure('request.target', 'must be a path of the host in the Host header', 'Send the path and the query only.'),
    );
  }
  if (target !== url) {
    req.url = target;
    req.originalUrl = target;
  }
  next();
};
