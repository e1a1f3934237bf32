import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import { type OperationId, operations } from '../../../generated/operations.ts';
import { redactMadeUp } from '../redact.ts';
import { requestIdOf } from './request.ts';

/** One line for each request once it is answered or given up. Never the query, a header or a body: they hold secrets. */
export function accessLog(log: Logger): RequestHandler {
  return (req, res, next) => {
    const begun = performance.now();
    // Once is once: what would take it off again costs more than leaving it on.
    res.on('close', () => {
      const operation: OperationId | undefined = res.locals['operationId'];
      log.info({
        requestId: requestIdOf(res),
        operation,
        method: req.method,
        // The path of an operation is ours; any other somebody has made up.
        path: operation === undefined ? redactMadeUp(req.path) : operations[operation].path,
        status: res.writableFinished ? res.statusCode : undefined,
        durationMs: Math.round((performance.now() - begun) * 10) / 10,
      });
    });
    next();
  };
}
