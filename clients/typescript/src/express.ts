/** A middleware for Express that asks Portico about the key of each request. */
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Verification, VerificationCode } from '../../../generated/client/types.gen.ts';
import type { Connection } from './connection.ts';
import { PorticoError } from './errors.ts';
import { keysVerifyKey } from './generated/operations.ts';

/** A key that is good, with whose it is. */
export type VerifiedKey = Verification & Required<Pick<Verification, 'keyId' | 'apiId' | 'externalId'>>;

declare global {
  namespace Express {
    interface Request {
      /** Of the key that the request came with; set by `verifyKey`. */
      portico?: VerifiedKey;
    }
  }
}

/** Why a request is not served. `MISSING`: it has no key. `UNAVAILABLE`: Portico could not be asked. */
export interface Refusal {
  status: 401 | 403 | 429 | 503;
  code: Exclude<VerificationCode, 'VALID'> | 'MISSING' | 'UNAVAILABLE';
  title: string;
  detail: string;
  /** Seconds to wait, with 429 and 503. */
  retryAfter?: number;
}

/** How keys are read, and what is said to those that are not good. */
export interface VerifyKeyOptions {
  /** The API that the key must be of. */
  apiId: string;
  /** The header that holds the key. `Authorization` holds it as `Bearer <key>`, any other as it is. */
  header?: string;
  /** For how long to wait for Portico, in ms. Default 5,000. */
  timeoutMs?: number;
  /** Answers a request that is not served, instead of `application/problem+json`. Its headers are set already. */
  answer?: (refusal: Refusal, req: Request, res: Response, next: NextFunction) => void;
  /** Told why Portico could not be asked, such as for your log. */
  onUnavailable?: (error: unknown, req: Request) => void;
}

const longestKey = 512;

function keyOf(req: Request, header: string): string | undefined {
  const value = req.get(header) ?? '';
  const key = header.toLowerCase() === 'authorization' ? (/^Bearer +(\S+) *$/i.exec(value)?.[1] ?? '') : value;
  return key === '' ? undefined : key;
}

const notGood = { status: 401, title: 'Unauthorized' } as const;
const unavailable = (retryAfter = 1): Refusal => ({
  status: 503,
  code: 'UNAVAILABLE',
  title: 'Service Unavailable',
  detail: 'The API key could not be checked. Try again.',
  retryAfter: Math.max(1, Math.ceil(retryAfter)),
});

function refusalOf({ code, ratelimit }: Verification): Refusal {
  switch (code) {
    case 'RATE_LIMITED': {
      const seconds = Math.ceil(((ratelimit?.reset ?? 0) - Date.now()) / 1000);
      const title = 'Too Many Requests';
      return { status: 429, code, title, detail: 'The API key was used too often.', retryAfter: Math.max(1, seconds) };
    }
    case 'DISABLED':
      return { status: 403, code, title: 'Forbidden', detail: 'The API key is switched off.' };
    case 'EXPIRED':
      return { ...notGood, code, detail: 'The API key has expired.' };
    case 'NOT_FOUND':
      return { ...notGood, code, detail: 'The API key is unknown.' };
    default:
      // A server that is newer than this client may know other reasons. None of them is to serve.
      return { status: 403, code: code as Refusal['code'], title: 'Forbidden', detail: 'The API key is refused.' };
  }
}

/** Asks about one request. It is asked once: each verification counts, and whoever waits can come again. */
async function decide(
  portico: Connection,
  req: Request,
  { apiId, header = 'Authorization', timeoutMs = 5000, onUnavailable }: VerifyKeyOptions,
): Promise<{ verified: VerifiedKey } | { refusal: Refusal }> {
  const key = keyOf(req, header);
  if (key === undefined) return { refusal: { ...notGood, code: 'MISSING', detail: 'An API key is required.' } };
  if (key.length > longestKey) return { refusal: refusalOf({ valid: false, code: 'NOT_FOUND' }) };
  try {
    const verification = await keysVerifyKey(portico, { key, apiId }, { maxAttempts: 1, timeoutMs });
    const { valid, keyId, externalId } = verification;
    if (valid !== true) return { refusal: refusalOf(verification) };
    if (keyId === undefined || verification.apiId !== apiId || externalId === undefined)
      throw new Error('keys.verifyKey: the answer does not say whose key it is');
    return { verified: { ...verification, keyId, apiId, externalId } };
  } catch (error) {
    onUnavailable?.(error, req);
    return { refusal: unavailable(error instanceof PorticoError ? error.retryAfter : undefined) };
  }
}

/**
 * Serves a request only with an API key that is good at that moment, and puts whose it is on `req.portico`.
 *
 * Without a key, and with one that is unknown or has expired, it answers 401; with one that is switched off 403; with one
 * that was used too often 429 and `Retry-After`. Where Portico cannot be asked it answers 503: it never lets a request
 * through unasked, and it remembers no answer, so that a key that was taken away is refused at once.
 */
export function verifyKey(portico: Connection, options: VerifyKeyOptions): RequestHandler {
  const answer: VerifyKeyOptions['answer'] =
    options.answer ??
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
        answer(decision.refusal, req, res, next);
      })
      .catch(next);
  };
}
