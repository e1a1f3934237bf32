import type { Response } from 'express';

/** Writes the answers of operations, all headers in one step: what Express finds out anew for each is the same for all. */
export interface ResponseWriter {
  /** Makes `res.json` the quick way for this one. */
  prepare(res: Response): void;
  /** Adds a `Set-Cookie`. Any header that was set before makes Node write all of them the slow way. */
  setCookie(res: Response, value: string): void;
  text(res: Response, mediaType: string, text: string): void;
}

/** @param headers of every answer, as name, value, name, value …; they win over what was set before */
export function responseWriter(headers: readonly string[]): ResponseWriter {
  // Nothing of ours is for a cache: it may carry a credential, or be about one.
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
