import type { RequestHandler } from 'express';
import { invalidInput } from '../problem.ts';

/** A request of HTTP/1.1 names the host that it is for (RFC 9112, section 3.2). Node's own refusal would have no body. */
export const requireHost: RequestHandler = (req, _res, next) => {
  if (req.headers.host !== undefined || req.httpVersion !== '1.1') {
    next();
    return;
  }
  throw invalidInput({ location: 'headers.host', message: 'is required', fix: 'Name the host in a Host header.' });
};
