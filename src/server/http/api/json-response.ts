import type { Response } from 'express';

/** Writes the responses of operations, with all headers in one step. Express would compute the same headers for each. */
export interface ResponseWriter {
  /** Replaces `res.json` of this response with the quick way. `headers` are those that this response has in addition. */
  prepare(res: Response, headers?: readonly string[]): void;
  /** Adds headers. A header that is set before the others makes Node write all of them the slow way. */
  add(res: Response, headers: readonly string[]): void;
  /** A response without a body. */
  empty(res: Response, status: 204 | 304): void;
  text(res: Response, mediaType: string, text: string): void;
  /** JSON in parts. Bytes are sent as they are. */
  json(res: Response, parts: readonly (string | Buffer)[]): void;
}

/** @param headers of every response, as name, value, name, value … They replace headers that were set before. */
export function responseWriter(headers: readonly string[]): ResponseWriter {
  // No response is for a cache: it may contain a credential, or describe one.
  const always = [...headers, 'Cache-Control', 'no-store'];

  const addedTo = (res: Response): readonly string[] => res.locals['headers'] ?? [];

  function head(res: Response, mediaType: string, length: number): void {
    const type = `${mediaType}; charset=utf-8`;
    res.writeHead(res.statusCode, [...always, ...addedTo(res), 'Content-Type', type, 'Content-Length', String(length)]);
  }

  function text(res: Response, mediaType: string, body: string): void {
    head(res, mediaType, Buffer.byteLength(body));
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
      head(
        res,
        'application/json',
        parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0),
      );
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
