import type { Response } from 'express';

/** Writes the answers of operations, all headers in one step: what Express finds out anew for each is the same for all. */
export interface ResponseWriter {
  /** Makes `res.json` the quick way for this one. */
  prepare(res: Response): void;
  text(res: Response, mediaType: string, text: string): void;
}

/** @param headers of every answer, as name, value, name, value …; they win over what was set before */
export function responseWriter(headers: readonly string[]): ResponseWriter {
  // Nothing of ours is for a cache: it may carry a credential, or be about one.
  const always = [...headers, 'Cache-Control', 'no-store'];

  function text(res: Response, mediaType: string, body: string): void {
    const length = Buffer.byteLength(body);
    const type = `${mediaType}; charset=utf-8`;
    res.writeHead(res.statusCode, [...always, 'Content-Type', type, 'Content-Length', String(length)]);
    // Where every character is one byte, it need not be looked at again.
    res.end(body, length === body.length ? 'latin1' : 'utf8');
  }

  return {
    text,
    prepare(res) {
      res.json = (body) => {
        text(res, 'application/json', JSON.stringify(body));
        return res;
      };
    },
  };
}
