import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Response } from 'express';

/** Smaller JSON in parts is sent as it is, in bytes. */
const leastCompressed = 16_384;
/** Documents become a tenth; more effort than this makes them hardly smaller. */
const gzipLevel = 3;

/** Whether a client accepts gzip (RFC 9110, section 12.5.3). One that does not say so may not. */
const acceptsGzip = ({ req }: Response): boolean =>
  (req.get('accept-encoding') ?? '')
    .split(',')
    .some((coding) => /^\s*(?:x-)?gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/i.test(coding));

/** Writes the responses of operations, with all headers in one step. Express would compute the same headers for each. */
export interface ResponseWriter {
  /** Replaces `res.json` of this response with the quick way. `headers` are those that this response has in addition. */
  prepare(res: Response, headers?: readonly string[]): void;
  /** Adds headers. A header that is set before the others makes Node write all of them the slow way. */
  add(res: Response, headers: readonly string[]): void;
  /** A response without a body. */
  empty(res: Response, status: 204 | 304): void;
  text(res: Response, mediaType: string, text: string): void;
  /** JSON in parts, which no credential is in. Bytes are sent as they are; much is compressed, by threads beside that of the server. */
  json(res: Response, parts: readonly (string | Buffer)[]): void;
}

/** @param headers of every response, as name, value, name, value … They replace headers that were set before. */
export function responseWriter(headers: readonly string[]): ResponseWriter {
  // No response is for a cache: it may contain a credential, or describe one.
  const always = [...headers, 'Cache-Control', 'no-store'];

  const addedTo = (res: Response): readonly string[] => res.locals['headers'] ?? [];

  function head(res: Response, mediaType: string, ...more: readonly string[]): void {
    const type = `${mediaType}; charset=utf-8`;
    res.writeHead(res.statusCode, [...always, ...addedTo(res), 'Content-Type', type, ...more]);
  }

  function text(res: Response, mediaType: string, body: string): void {
    head(res, mediaType, 'Content-Length', String(Buffer.byteLength(body)));
    res.end(body);
  }

  return {
    text,
    add(res, headers) {
      res.locals['headers'] = [...addedTo(res), ...headers];
    },
    empty(res, status) {
      res.writeHead(status, [...always, ...addedTo(res)]);
      res.end();
    },
    json(res, parts) {
      const length = parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
      if (length >= leastCompressed && acceptsGzip(res)) {
        head(res, 'application/json', 'Content-Encoding', 'gzip', 'Vary', 'Accept-Encoding');
        // It fails if the client leaves.
        pipeline(Readable.from(parts), createGzip({ level: gzipLevel }), res).catch(() => {});
        return;
      }
      head(res, 'application/json', 'Content-Length', String(length));
      for (const part of parts) res.write(part);
      res.end();
    },
    prepare(res, headers = []) {
      res.locals['headers'] = headers;
      res.json = (body) => {
        text(res, 'application/json', JSON.stringify(body));
        return res;
      };
    },
  };
}
