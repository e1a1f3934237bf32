import { type Request, type Response, Router } from 'express';
import { type OperationId, operations } from '../../generated/operations.ts';
import { operationHandlers } from '../operations/index.ts';
import type { Call, Operation, OperationDeps } from '../operations/operation.ts';
import { Problem } from '../problem.ts';
import { authenticate } from './authenticate.ts';
import { authorOf } from './author.ts';
import { idempotently } from './idempotency.ts';
import { jsonBody } from './json-body.ts';
import { noStore } from './no-store.ts';
import { requestIdOf } from './request-id.ts';
import { writeSessionCookie } from './session-cookie.ts';
import type { ContractValidator } from './validate.ts';

/** A connect-style step as a promise. */
const step = (
  handler: (req: Request, res: Response, next: (error?: unknown) => void) => unknown,
  req: Request,
  res: Response,
) =>
  new Promise<void>((resolve, reject) => {
    handler(req, res, (error) => (error ? reject(error) : resolve()));
  });

/** Authenticate, read, validate, run, and answer: the way of every operation, and the only writer of success bodies. */
async function serve<Id extends OperationId>(
  id: Id,
  deps: OperationDeps,
  validator: ContractValidator,
  req: Request,
  res: Response,
): Promise<void> {
  res.locals['operationId'] = id;
  noStore(res);
  const caller = await authenticate(id, req, deps);
  await step(jsonBody, req, res);
  await step(validator.handler, req, res);
  const operation: Operation<Id> = operationHandlers[id];
  const run = async () => operation({ body: req.body, caller, author: authorOf(req, res, caller) } as Call<Id>, deps);
  const { data, pagination, sessionCookie, csv } = await idempotently(id, req, res, caller, deps.store, run);
  if (sessionCookie !== undefined) writeSessionCookie(res, sessionCookie.token, deps.portalBaseUrl);
  if (csv !== undefined && req.accepts(['application/json', 'text/csv']) === 'text/csv') {
    res.type('text/csv').send(csv());
    return;
  }
  res.json({ meta: { requestId: requestIdOf(res) }, data, ...(pagination && { pagination }) });
}

/** All operations of the contract at their paths; another method there is a 405 that names the right one. */
export function dispatch(deps: OperationDeps, validator: ContractValidator): Router {
  const router = Router({ caseSensitive: true, strict: true });
  for (const [id, { method, path }] of Object.entries(operations) as [
    OperationId,
    (typeof operations)[OperationId],
  ][]) {
    router.all(path, async (req, res) => {
      if (req.method !== method.toUpperCase()) {
        throw new Problem('user/bad_request/method_not_allowed', { headers: { Allow: method.toUpperCase() } });
      }
      await serve(id, deps, validator, req, res);
    });
  }
  return router;
}
