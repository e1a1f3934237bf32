import type { Response } from 'express';

/** Writes the responses of operations, with all headers in one step. Express would compute the same headers for each. */
export interface ResponseWriter {
  /** Replaces `res.json` of this response with the quick way. */
  prepare(res: Response): void;
  /** Adds a `Set-Cookie`. A header that is set before the others makes Node write all of them the slow way. */
  setCookie(res: Response, value: string): void;
  text(res: Response, mediaType: string, text: string): void;
}

/** @param headers of every response, as name, value, name, value … They replace headers that were set before. */
export function responseWriter(headers: readonly string[]): ResponseWriter {
  // No response is for a cache: it may contain a credential, or describe one.
  const always = [...headers, 'Cache-Control', 'no-store'];

  function text(res: Response, mediaType: string, body: string): void {
    const type = `${mediaType}; charset=utf-8`;
    const length = String(Buffer.byteLength(body));
    const cookie: string | undefined = res.locals['setCookie'];
    const own = ['Content-Type', type, 'Content-Length', length];
    if (cookie !== undefined) own.push('Set-Cookie', cookie);
    res.writeHead(res.statusCode, [...always, ...own]);
    res.end(body);
  }

  return {
    text,
    setCookie(res, value) {
      res.locals['setCookie'] = value;
    },
    prepare(res) {
      res.json = (body) => {
        text(res, 'application/json', JSON.stringify(body));
        return res;
      };
    },
  };
}
