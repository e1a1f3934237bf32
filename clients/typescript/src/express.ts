/** An Express middleware that verifies the API key of each request with Portico. */
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { keysVerifyKey } from '../../../generated/client/sdk.gen.ts';
import type { Verification, VerificationCode } from '../../../generated/client/types.gen.ts';
import type { Connection } from './connection.ts';
import { PorticoError } from './errors.ts';

/** A valid key, with the user and the API that it belongs to. */
export type VerifiedKey = Verification & Required<Pick<Verification, 'keyId' | 'apiId' | 'externalId'>>;

declare global {
  namespace Express {
    interface Request {
      /** The API key of the request. `verifyKey` sets it. */
      portico?: VerifiedKey;
    }
  }
}

/** Why the middleware refuses a request. `MISSING`: no key. `UNAVAILABLE`: Portico did not verify the key. */
export interface Refusal {
  status: 401 | 403 | 429 | 503;
  code: Exclude<VerificationCode, 'VALID'> | 'MISSING' | 'UNAVAILABLE';
  title: string;
  detail: string;
  /** Seconds to wait, with 429 and 503. */
  retryAfter?: number;
}

/** The options of `verifyKey`. */
export interface VerifyKeyOptions {
  /** The API that the key must belong to. */
  apiId: string;
  /** The header that contains the key. Default `Authorization`, as `Bearer <key>`; any other header contains the key alone. */
  header?: string;
  /** Time limit of the verification, in ms. Default 5,000. */
  timeoutMs?: number;
  /** Sends your own response instead of `application/problem+json`. The headers are already set. */
  respond?: (refusal: Refusal, req: Request, res: Response, next: NextFunction) => void;
  /** Called with the reason when Portico does not verify a key, for example to log it. */
  onUnavailable?: (error: unknown, req: Request) => void;
}

const maxKeyLength = 512;

function keyOf(req: Request, header: string): string | undefined {
  const value = req.get(header) ?? '';
  const key = header.toLowerCase() === 'authorization' ? (/^Bearer +(\S+) *$/i.exec(value)?.[1] ?? '') : value;
  return key === '' ? undefined : key;
}

const unauthorized = { status: 401, title: 'Unauthorized' } as const;
const unavailable = (retryAfter = 1): Refusal => ({
  status: 503,
  code: 'UNAVAILABLE',
  title: 'Service Unavailable',
  detail: 'The API key could not be verified. Try again.',
  retryAfter: Math.max(1, Math.ceil(retryAfter)),
});

function refusalOf({ code, ratelimit }: Verification): Refusal {
  switch (code) {
    case 'RATE_LIMITED': {
      const seconds = Math.ceil(((ratelimit?.reset ?? 0) - Date.now()) / 1000);
      const title = 'Too Many Requests';
      return {
        status: 429,
        code,
        title,
        detail: 'The API key has exceeded its rate limit.',
        retryAfter: Math.max(1, seconds),
      };
    }
    case 'DISABLED':
      return { status: 403, code, title: 'Forbidden', detail: 'The API key is disabled.' };
    case 'EXPIRED':
      return { ...unauthorized, code, detail: 'The API key has expired.' };
    case 'NOT_FOUND':
      return { ...unauthorized, code, detail: 'The API key is unknown.' };
    default:
      // A newer server can return other codes. The request is refused with each of them.
      return { status: 403, code: code as Refusal['code'], title: 'Forbidden', detail: 'The API key is refused.' };
  }
}

/** Verifies the key of one request. It never retries, because Portico counts each verification. */
async function decide(
  portico: Connection,
  req: Request,
  { apiId, header = 'Authorization', timeoutMs = 5000, onUnavailable }: VerifyKeyOptions,
): Promise<{ verified: VerifiedKey } | { refusal: Refusal }> {
  const key = keyOf(req, header);
  if (key === undefined) return { refusal: { ...unauthorized, code: 'MISSING', detail: 'An API key is required.' } };
  if (key.length > maxKeyLength) return { refusal: refusalOf({ valid: false, code: 'NOT_FOUND' }) };
  try {
    const verification = await portico.call(keysVerifyKey, { key, apiId }, { maxAttempts: 1, timeoutMs });
    const { valid, keyId, externalId } = verification;
    if (valid !== true) return { refusal: refusalOf(verification) };
    if (keyId === undefined || verification.apiId !== apiId || externalId === undefined)
      throw new Error('keys.verifyKey: the response does not identify the key');
    return { verified: { ...verification, keyId, apiId, externalId } };
  } catch (error) {
    onUnavailable?.(error, req);
    return { refusal: unavailable(error instanceof PorticoError ? error.retryAfter : undefined) };
  }
}

/**
 * An Express middleware that lets a request through only if its API key is valid, and sets `req.portico`.
 *
 * It responds 401 if the key is missing, unknown or expired, 403 if it is disabled, and 429 with `Retry-After` if it is rate
 * limited. It responds 503 if Portico does not verify the key. It caches nothing, so it refuses a deleted or disabled key
 * with the next request.
 */
export function verifyKey(portico: Connection, options: VerifyKeyOptions): RequestHandler {
  const respond: VerifyKeyOptions['respond'] =
    options.respond ??
    ((refusal, _req, res) => {
      const { status, title, detail, code } = refusal;
      res.status(status).type('application/problem+json').send(JSON.stringify({ title, status, detail, code }));
    });
  return (req, res, next) => {
    decide(portico, req, options)
      .then((decision) => {
        if ('verified' in decision) {
          req.portico = decision.verified;
          next();
          return;
        }
        const { status, retryAfter } = decision.refusal;
        res.set('Cache-Control', 'no-store');
        if (status === 401) res.set('WWW-Authenticate', 'Bearer');
        if (retryAfter !== undefined) res.set('Retry-After', String(retryAfter));
        respond(decision.refusal, req, res, next);
      })
      .catch(next);
  };
}
