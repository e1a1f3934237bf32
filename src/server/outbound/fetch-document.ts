import { isUtf8 } from 'node:buffer';
import type { lookup as systemLookup } from 'node:dns';
import { once } from 'node:events';
import { get as getHttp, type IncomingMessage } from 'node:http';
import { get as getHttps } from 'node:https';
import { isIP } from 'node:net';
import { urlToHttpOptions } from 'node:url';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { guardedLookup, RefusedAddress } from './addresses.ts';
import { DocumentUnavailable } from './document-unavailable.ts';

/** The deadline of a fetch, including redirects and the body, in ms. */
const deadlineMs = 5000;
const maxRedirects = 3;

/** A fetched document. */
interface FetchedText {
  /** Text, or bytes of UTF-8 without a byte order mark: to decode and encode megabytes would block the server. */
  text: string | Buffer;
  /** The URL after redirects. */
  url: string;
  etag?: string;
}

/** A stored copy: its ETag and its URL. */
interface KnownCopy {
  url: string;
  etag: string;
}

/**
 * Fetches a document from another server.
 *
 * @param known the stored copy, which is not sent again if it is still current
 * @throws DocumentUnavailable
 */
export type FetchDocument = (url: string, known?: KnownCopy) => Promise<FetchedText | 'not_modified'>;

/** Settings of the fetcher. */
export interface FetchSettings {
  /** Whether the fetcher can connect to an IP address. */
  isAllowed: (address: string) => boolean;
  /** The maximum size of a document before and after decompression, in MiB. */
  maxMib: number;
  /** Resolves names; the default is the system resolver. */
  lookup?: typeof systemLookup;
  /** Aborts a fetch at its deadline, in ms; the default is the clock. */
  abortAfter?: (ms: number) => AbortSignal;
}

type Decompress = (packed: Buffer, limit: { maxOutputLength: number }) => Promise<Buffer>;

/** By the name of the coding. A map, because the name comes from the source: an object has other names too. */
const decompressors = new Map<string, Decompress>([
  ['identity', async (plain) => plain],
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
]);

/** How many codings a body can have one above the other. */
const maxCodings = 3;

/**
 * How to undo the codings of a body, the last of which was applied last. Their names are in any case (RFC 9110, section 8.4).
 *
 * @throws DocumentUnavailable for one that this fetcher has not asked for
 */
function decompressorsOf({ 'content-encoding': header = '' }: IncomingMessage['headers']): Decompress[] {
  const names = header.split(',').map((name) => name.trim().toLowerCase());
  const found = names.filter((name) => name !== '').map((name) => decompressors.get(name));
  if (found.length > maxCodings || found.includes(undefined))
    throw new DocumentUnavailable('it is not an OpenAPI document');
  return found.filter((each) => each !== undefined).reverse();
}

const accepted = {
  Accept: 'application/vnd.oai.openapi+json, application/json, application/yaml, text/yaml;q=0.9, */*;q=0.5',
  'Accept-Encoding': 'gzip, deflate, br',
  'User-Agent': 'Portico',
};

/** Only a server on the same machine can use plain http. */
const mayBePlain = ({ hostname }: URL) => ['localhost', '127.0.0.1', '[::1]'].includes(hostname);

/** Requests one URL. The URL and its address are checked before the connection is made. */
async function request(
  url: URL,
  known: KnownCopy | undefined,
  { isAllowed, lookup }: FetchSettings,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && mayBePlain(url))) {
    throw new DocumentUnavailable('its address is not https');
  }
  // Never sends the credentials of a URL.
  const { auth: _, hostname, ...target } = urlToHttpOptions(url);
  // An IP address is not resolved, so `lookup` does not check it.
  if (isIP(String(hostname)) !== 0 && !isAllowed(String(hostname))) throw new RefusedAddress();
  const get = url.protocol === 'https:' ? getHttps : getHttp;
  const headers = { ...accepted, ...(known?.url === url.href && { 'If-None-Match': known.etag }) };
  // No agent: a pooled connection would use an address that was checked long ago.
  const connection = { lookup: guardedLookup(isAllowed, lookup), agent: false, signal };
  const sent = get({ ...target, ...connection, hostname, headers });
  // `once` throws an error before the response; the body throws a later one.
  sent.on('error', () => {});
  const [response] = (await once(sent, 'response', { signal })) as [IncomingMessage];
  return response;
}

const isTooLong = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';

const byteOrderMark = Buffer.from('\ufeff');

/** The decompressed body, in UTF-8. Both the compressed and the decompressed size are limited. */
async function textOf(response: IncomingMessage, maxMib: number): Promise<Buffer> {
  const maxBytes = maxMib * 2 ** 20;
  const codings = decompressorsOf(response.headers);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += chunk.length;
    if (size > maxBytes) throw new DocumentUnavailable(`it is larger than ${maxMib} MiB`);
    chunks.push(chunk);
  }
  let bytes: Buffer = Buffer.concat(chunks);
  for (const decompress of codings) {
    bytes = await decompress(bytes, { maxOutputLength: maxBytes }).catch((error: unknown) => {
      throw new DocumentUnavailable(
        isTooLong(error) ? `it is larger than ${maxMib} MiB` : 'it is not an OpenAPI document',
        error,
      );
    });
  }
  // Other bytes would become replacement characters, and two texts the same.
  if (!isUtf8(bytes)) throw new DocumentUnavailable('it is not an OpenAPI document');
  return bytes.subarray(0, 3).equals(byteOrderMark) ? bytes.subarray(3) : bytes;
}

const redirects = [301, 302, 303, 307, 308];

async function follow(
  first: string,
  known: KnownCopy | undefined,
  settings: FetchSettings,
  signal: AbortSignal,
): Promise<FetchedText | 'not_modified'> {
  let url = new URL(first);
  for (let hops = 0; hops <= maxRedirects; hops++) {
    const response = await request(url, known, settings, signal);
    try {
      const { statusCode: status = 0, headers } = response;
      if (status === 304 && known?.url === url.href) return 'not_modified';
      if (status === 200) {
        const text = await textOf(response, settings.maxMib);
        return { text, url: url.href, ...(headers.etag !== undefined && { etag: headers.etag }) };
      }
      const next = redirects.includes(status) && headers.location ? URL.parse(headers.location, url.href) : null;
      if (next === null) throw new DocumentUnavailable(`its server responded with status ${status}`);
      url = next;
    } finally {
      response.destroy();
    }
  }
  throw new DocumentUnavailable('it redirects more than 3 times');
}

/** Creates a function that fetches documents within the limits of time, size and addresses. */
export const documentFetcher =
  (settings: FetchSettings): FetchDocument =>
  async (url, known) => {
    const signal = (settings.abortAfter ?? AbortSignal.timeout)(deadlineMs);
    try {
      return await follow(url, known, settings, signal);
    } catch (error) {
      if (error instanceof DocumentUnavailable) throw error;
      if (error instanceof RefusedAddress) throw new DocumentUnavailable('its address is in a private network', error);
      if (signal.aborted) throw new DocumentUnavailable('it did not arrive within 5 seconds', error);
      throw new DocumentUnavailable('its server cannot be reached', error);
    }
  };
