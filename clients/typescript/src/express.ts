/** An Express middleware that verifies the API key of each request with Portico. */
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Connection } from './connection.ts';
import { keyVerifier, problemOf, type Refusal, type VerifiedKey, type VerifyKeyOptions } from './verification.ts';

export type { Refusal, VerifiedKey };

declare global {
  namespace Express {
    interface Request {
      /** The API key of the request. `verifyKey` sets it. */
      portico?: VerifiedKey;
    }
  }
}

/** The options of `verifyKey`. */
export interface ExpressVerifyKeyOptions extends VerifyKeyOptions<Request> {
  /** Sends your own response instead of `application/problem+json`. The headers are already set. */
  respond?: (refusal: Refusal, req: Request, res: Response, next: NextFunction) => void;
}

/**
 * An Express middleware that lets a request through only if its API key is valid, and sets `req.portico`.
 *
 * It responds 401 if the key is missing, unknown or expired, 403 if it is disabled, and 429 with `Retry-After` if it is rate
 * limited. It responds 503 if Portico does not verify the key. Without a `cache`, it refuses a deleted or disabled key with the
 * next request.
 *
 * @throws TypeError if an option is invalid, or the connection has no root key
 */
export function verifyKey(portico: Connection, options: ExpressVerifyKeyOptions): RequestHandler {
  const decide = keyVerifier(portico, options);
  const { respond } = options;
  return (req, res, next) => {
    decide((name) => req.get(name), req)
      .then(({ key, refusal }) => {
        if (refusal === undefined) {
          req.portico = key;
          next();
          return;
        }
        const { headers, type, body } = problemOf(refusal);
        res.set(headers);
        if (respond === undefined) res.status(refusal.status).type(type).send(body);
        else respond(refusal, req, res, next);
      })
      .catch(next);
  };
}
