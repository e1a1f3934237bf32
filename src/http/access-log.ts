import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import { redactMadeUp } from '../redact.ts';
import { requestIdOf } from './request-id.ts';

/** One line for each request once it is answered or given up. Never the query, a header or a body: they hold secrets. */
export function accessLog(log: Logger): RequestHandler {
  return (req, res, next) => {
    const begun = performance.now();
    res.once('close', () => {
      log.info({
        requestId: requestIdOf(res),
        operation: res.locals['operationId'],
        method: req.method,
        path: redactMadeUp(req.path),
        status: res.writableFinished ? res.statusCode : undefined,
        durationMs: Math.round((performance.now() - begun) * 10) / 10,
      });
    });
    next();
  };
}
