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

/** How long the whole of it may take, redirects and body too, in ms. */
const deadlineMs = 5000;
/** How long a document may be once it is unpacked, in bytes. */
const mostBytes = 2 * 2 ** 20;
const mostRedirects = 3;

/** A document as it came. */
interface FetchedText {
  text: string;
  /** Where it was found in the end. */
  url: string;
  etag?: string;
}

/** A copy that is kept: what its server called it, and where that was. */
interface KnownCopy {
  url: string;
  etag: string;
}

/**
 * Fetches a document that somebody else serves.
 *
 * @param known the copy that is kept, which need not come again where it is still good
 * @throws DocumentUnavailable
 */
export type FetchDocument = (url: string, known?: KnownCopy) => Promise<FetchedText | 'not_modified'>;

/** How documents are fetched. */
export interface FetchSettings {
  /** Whether an address may be asked, whatever its name. */
  mayAsk: (address: string) => boolean;
  /** What resolves names, where it is not the system. */
  lookup?: typeof systemLookup;
}

const unpackers: Record<string, (packed: Buffer, limit: { maxOutputLength: number }) => Promise<Buffer>> = {
  identity: async (plain) => plain,
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

const accepted = {
  Accept: 'application/vnd.oai.openapi+json, application/json, application/yaml, text/yaml;q=0.9, */*;q=0.5',
  'Accept-Encoding': 'gzip, deflate, br',
  'User-Agent': 'Portico',
};

/** Plain http is for a server on the same machine alone. */
const mayBePlain = ({ hostname }: URL) => ['localhost', '127.0.0.1', '[::1]'].includes(hostname);

/** Asks one URL. It is looked at first; whatever is to be refused is refused before a connection is made. */
async function ask(
  url: URL,
  known: KnownCopy | undefined,
  { mayAsk, lookup }: FetchSettings,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && mayBePlain(url))) {
    throw new DocumentUnavailable('its address is not https');
  }
  // What is in front of an @ is no business of the server that is asked.
  const { auth: _, hostname, ...target } = urlToHttpOptions(url);
  // An address in place of a name is never resolved.
  if (isIP(String(hostname)) !== 0 && !mayAsk(String(hostname))) throw new RefusedAddress();
  const get = url.protocol === 'https:' ? getHttps : getHttp;
  const headers = { ...accepted, ...(known?.url === url.href && { 'If-None-Match': known.etag }) };
  // No agent: a connection that is kept would go on to an address that was looked at long ago.
  const connection = { lookup: guardedLookup(mayAsk, lookup), agent: false, signal };
  const request = get({ ...target, ...connection, hostname, headers });
  // What goes wrong before the answer comes out of `once`; what does after it comes out of the body.
  request.on('error', () => {});
  const [response] = (await once(request, 'response', { signal })) as [IncomingMessage];
  return response;
}

const isTooLong = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';

/** The whole body as text, unpacked, as long as it is not too long: neither as it comes nor as it is then. */
async function textOf(response: IncomingMessage): Promise<string> {
  const unpack = unpackers[response.headers['content-encoding'] ?? 'identity'];
  if (unpack === undefined) throw new DocumentUnavailable('it is not an OpenAPI document');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += chunk.length;
    if (size > mostBytes) throw new DocumentUnavailable('it is larger than 2 MiB');
    chunks.push(chunk);
  }
  const bytes = await unpack(Buffer.concat(chunks), { maxOutputLength: mostBytes }).catch((error: unknown) => {
    throw new DocumentUnavailable(
      isTooLong(error) ? 'it is larger than 2 MiB' : 'it is not an OpenAPI document',
      error,
    );
  });
  return new TextDecoder().decode(bytes);
}

const redirects = [301, 302, 303, 307, 308];

async function follow(
  first: string,
  known: KnownCopy | undefined,
  settings: FetchSettings,
  signal: AbortSignal,
): Promise<FetchedText | 'not_modified'> {
  let url = new URL(first);
  for (let hops = 0; hops <= mostRedirects; hops++) {
    const response = await ask(url, known, settings, signal);
    try {
      const { statusCode: status = 0, headers } = response;
      if (status === 304 && known?.url === url.href) return 'not_modified';
      if (status === 200) {
        const text = await textOf(response);
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

/** Makes the function that fetches documents: within limits of time and size, and from where it may. */
export const documentFetcher =
  (settings: FetchSettings): FetchDocument =>
  async (url, known) => {
    const signal = AbortSignal.timeout(deadlineMs);
    try {
      return await follow(url, known, settings, signal);
    } catch (error) {
      if (error instanceof DocumentUnavailable) throw error;
      if (error instanceof RefusedAddress) throw new DocumentUnavailable('its address is in a private network', error);
      if (signal.aborted) throw new DocumentUnavailable('it did not arrive within 5 seconds', error);
      throw new DocumentUnavailable('its server cannot be reached', error);
    }
  };
