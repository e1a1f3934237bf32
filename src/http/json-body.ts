import express, { type RequestHandler } from 'express';
import { invalidInput, Problem } from '../problem.ts';

/** The escape of half a surrogate pair, or of a whole one. */
const surrogateEscape = /\\u[dD][89a-fA-F]/;

/**
 * Refuses text that has no form in UTF-8: half a surrogate pair (RFC 8259, section 8.2). Kept or hashed it would become
 * the replacement character, and one user the same as another. Only an escape can bring one in.
 *
 * @throws what body-parser throws at a body that it cannot parse
 */
function refuseHalfPairs(_req: unknown, _res: unknown, body: Buffer): void {
  const text = body.toString('utf8');
  if (!surrogateEscape.test(text)) return;
  const wellFormed = (value: unknown) => typeof value !== 'string' || value.isWellFormed();
  try {
    JSON.parse(text, (name, value) => {
      if (!wellFormed(name) || !wellFormed(value)) throw new SyntaxError('half a surrogate pair');
      return value;
    });
  } catch (error) {
    throw Object.assign(error as Error, { type: 'entity.parse.failed' });
  }
}

const parse = express.json({ limit: '100kb', type: () => true, strict: false, verify: refuseHalfPairs });

const hasBody = (headers: Record<string, string | string[] | undefined>) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** What body-parser throws: `type` says why. */
const isBodyError = (error: unknown): error is Error & { type: string } =>
  error instanceof Error && typeof (error as { type?: unknown }).type === 'string';

function problemOf(error: Error & { type: string }): Error {
  switch (error.type) {
    case 'entity.too.large':
      return new Problem('user/bad_request/request_body_too_large');
    case 'charset.unsupported':
    case 'encoding.unsupported':
      return new Problem('user/bad_request/unsupported_media_type');
    case 'entity.parse.failed':
      // The parser's own message repeats what was sent, so it is not passed on.
      return invalidInput({ location: 'body', message: 'is not well-formed JSON', fix: 'Send one JSON object.' });
    case 'encoding.invalid':
    case 'request.aborted':
    case 'request.size.invalid':
      return invalidInput({ location: 'body', message: 'could not be read', fix: 'Send the whole body as declared.' });
    default:
      return error;
  }
}

/** Reads a JSON body into `req.body`. No body at all is left to validation: some operations take none. */
export const jsonBody: RequestHandler = (req, res, next) => {
  // body-parser would take an empty body for `{}`.
  if (!hasBody(req.headers)) {
    next();
    return;
  }
  if (!req.is('application/json')) {
    next(new Problem('user/bad_request/unsupported_media_type'));
    return;
  }
  parse(req, res, (error?: unknown) => next(isBodyError(error) ? problemOf(error) : error));
};
