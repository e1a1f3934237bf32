import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import { type OperationId, operations } from '../../../generated/operations.ts';
import { redactMadeUp } from '../redact.ts';
import { requestIdOf } from './request.ts';

/** Logs one line for each request at its end. Never the query, a header or the body: they contain secrets. */
export function accessLog(log: Logger): RequestHandler {
  return (req, res, next) => {
    const begun = performance.now();
    // `on` and not `once`, which costs more: the event comes once anyway.
    res.on('close', () => {
      const operation: OperationId | undefined = res.locals['operationId'];
      log.info({
        requestId: requestIdOf(res),
        operation,
        method: req.method,
        // Any path but that of an operation is made up by the client.
        path: operation === undefined ? redactMadeUp(req.path) : operations[operation].path,
        status: res.writableFinished ? res.statusCode : undefined,
        durationMs: Math.round((performance.now() - begun) * 10) / 10,
      });
    });
    next();
  };
}
