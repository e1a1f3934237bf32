import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import express, { type Request, type Response } from 'express';
import { invalidInput, Problem } from '../../problem.ts';

/** The maximum size of a body, in bytes. */
const limit = 100 * 1024;

/** The escape of half a surrogate pair, or of a whole one. */
const surrogateEscape = /\\u[dD][89a-fA-F]/;

/**
 * Refuses half a surrogate pair (RFC 8259, section 8.2), which has no form in UTF-8. Stored or hashed, it would become the
 * replacement character, and two users would be the same. Only an escape can contain one.
 *
 * @throws what body-parser throws at a body that it cannot parse
 */
function parseText(sent: string): unknown {
  // A byte order mark may be ignored (RFC 8259, section 8.1).
  const text = sent.startsWith('\uFEFF') ? sent.slice(1) : sent;
  const wellFormed = (value: unknown) => typeof value !== 'string' || value.isWellFormed();
  try {
    if (!surrogateEscape.test(text)) return JSON.parse(text);
    return JSON.parse(text, (name, value) => {
      if (!wellFormed(name) || !wellFormed(value)) throw new SyntaxError('half a surrogate pair');
      return value;
    });
  } catch (error) {
    throw Object.assign(error as Error, { type: 'entity.parse.failed' });
  }
}

const parse = express.json({
  limit,
  type: () => true,
  strict: false,
  verify: (_req, _res, body) => parseText(body.toString('utf8')),
});

const hasBody = (headers: Record<string, string | string[] | undefined>) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** An error of body-parser: `type` is the reason. A body that does not match its Content-Encoding has a `code` of zlib. */
const isBodyError = (error: unknown): error is Error & { type?: string; code?: string } =>
  error instanceof Error && ('type' in error || /^(Z_|ERR_|BROTLI_)/.test(String((error as { code?: unknown }).code)));

function problemOf(error: Error & { type?: string; code?: string }): Error {
  switch (error.type) {
    case 'entity.too.large':
      return new Problem('user/bad_request/request_body_too_large');
    case 'charset.unsupported':
    case 'encoding.unsupported':
      return new Problem('user/bad_request/unsupported_media_type');
    case 'entity.parse.failed':
      // The message of the parser repeats the input, so it is not returned.
      return invalidInput({ location: 'body', message: 'is not well-formed JSON', fix: 'Send one JSON object.' });
    case 'encoding.invalid':
    case 'request.aborted':
    case 'request.size.invalid':
      return invalidInput({ location: 'body', message: 'could not be read', fix: 'Send the whole body as declared.' });
    case undefined:
      return invalidInput({
        location: 'body',
        message: 'could not be decompressed',
        fix: 'Compress the body as Content-Encoding says, or leave the header out.',
      });
    default:
      return error;
  }
}

/** Whether a body is what nearly every client sends: of known length, not compressed, and in UTF-8. */
const isPlain = ({ 'content-type': type, ...headers }: IncomingHttpHeaders) =>
  type === 'application/json' &&
  headers['content-encoding'] === undefined &&
  headers['transfer-encoding'] === undefined &&
  Number(headers['content-length']) <= limit;

/**
 * The text of a plain body. Removes its listeners at the end: listeners that stay until the request closes survive a garbage
 * collection, and that cost more than the reading.
 */
const textOf = (req: IncomingMessage) =>
  new Promise<string>((resolve, reject) => {
    const decoder = new StringDecoder('utf8');
    let text = '';
    const onData = (chunk: Buffer) => {
      text += decoder.write(chunk);
    };
    const end = () => {
      req.off('data', onData).off('end', onEnd).off('error', onCut).off('close', onCut);
    };
    const onEnd = () => {
      end();
      resolve(text + decoder.end());
    };
    const onCut = () => {
      end();
      reject(Object.assign(new Error('cut short'), { type: 'request.aborted' }));
    };
    req.on('data', onData).on('end', onEnd).on('error', onCut).on('close', onCut);
  });

/** Reads every other body with body-parser. */
const parsed = (req: Request, res: Response) =>
  new Promise<void>((resolve, reject) => {
    parse(req, res, (error?: unknown) => (error ? reject(error) : resolve()));
  });

/**
 * Reads a JSON body into `req.body`. Validation handles a missing body: some operations take none.
 *
 * @throws Problem invalid_input, unsupported_media_type, request_body_too_large
 */
export async function readJsonBody(req: Request, res: Response): Promise<void> {
  // body-parser would take an empty body for `{}`.
  if (!hasBody(req.headers)) return;
  try {
    if (isPlain(req.headers)) req.body = parseText(await textOf(req));
    else if (req.is('application/json')) await parsed(req, res);
    else throw new Problem('user/bad_request/unsupported_media_type');
  } catch (error) {
    throw isBodyError(error) ? problemOf(error) : error;
  }
}
