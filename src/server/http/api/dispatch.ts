import type { Request, RequestHandler, Response } from 'express';
import { type OperationId, operations } from '../../../../generated/operations.ts';
import type { Author } from '../../domain/workspaces/audit.ts';
import { operationHandlers } from '../../operations/index.ts';
import type { Call, Caller, Operation, OperationDeps } from '../../operations/operation.ts';
import { invalidInput } from '../../problem.ts';
import { MethodNotAllowed } from '../problem-response.ts';
import { requestIdOf } from '../request.ts';
import { serializeSessionCookie } from '../session-cookie.ts';
import { authenticate } from './authenticate.ts';
import { authorOf } from './author.ts';
import { idempotently } from './idempotency.ts';
import { readJsonBody } from './json-body.ts';
import type { ResponseWriter } from './json-response.ts';
import type { ContractValidator } from './validate.ts';

/** What holds requests to the contract, and writes answers that keep it. */
export interface Contract {
  validator: ContractValidator;
  writer: ResponseWriter;
}

/** A call as a request brought it. */
class ReceivedCall {
  readonly body: unknown;
  readonly caller: Caller;
  readonly #req: Request;
  readonly #res: Response;

  constructor(req: Request, res: Response, caller: Caller) {
    this.body = req.body;
    this.caller = caller;
    this.#req = req;
    this.#res = res;
  }

  // Most operations write nothing, and need not know who they would write it of.
  get author(): Author {
    return authorOf(this.#req, this.#res, this.caller);
  }

  get idempotencyKey(): string | undefined {
    return this.#req.get('idempotency-key');
  }
}

/** Authenticate, read, validate, run, and answer: the way of every operation, and the only writer of success bodies. */
async function serve<Id extends OperationId>(
  id: Id,
  deps: OperationDeps,
  { validator, writer }: Contract,
  req: Request,
  res: Response,
): Promise<void> {
  const { caller, confirm } = await authenticate(id, req, res, deps);
  try {
    await readJsonBody(req, res);
    // The validator lets no body at all pass where no field of it is required.
    if (operations[id].body === 'required' && req.body === undefined) {
      throw invalidInput({ location: 'body', message: 'is required', fix: 'Send a JSON object as the body.' });
    }
    await validator.check(id, req, res);
  } catch (error) {
    await confirm?.();
    throw error;
  }
  const operation: Operation<Id> = operationHandlers[id];
  const call: unknown = new ReceivedCall(req, res, caller);
  const run = async () => operation(call as Call<Id>, deps);
  const { data, pagination, sessionCookie, csv } = await idempotently(id, req, res, caller, deps.store, run);
  if (sessionCookie !== undefined)
    writer.setCookie(res, serializeSessionCookie(sessionCookie.token, deps.portalBaseUrl));
  if (csv !== undefined && req.accepts(['application/json', 'text/csv']) === 'text/csv') {
    writer.text(res, 'text/csv', csv());
    return;
  }
  res.json({ meta: { requestId: requestIdOf(res) }, data, ...(pagination && { pagination }) });
}

/**
 * All operations of the contract at their paths; another method there is a 405 that names the right one. A path is looked
 * up, not matched: no operation has parameters in its path.
 */
export function dispatch(deps: OperationDeps, contract: Contract): RequestHandler {
  const idOfPath = new Map((Object.keys(operations) as OperationId[]).map((id) => [operations[id].path as string, id]));
  return (req, res, next) => {
    const end = req.url.indexOf('?');
    const id = idOfPath.get(end < 0 ? req.url : req.url.slice(0, end));
    if (id === undefined) {
      next();
      return;
    }
    const method = operations[id].method.toUpperCase();
    contract.writer.prepare(res);
    if (req.method !== method) throw new MethodNotAllowed(method);
    res.locals['operationId'] = id;
    serve(id, deps, contract, req, res).catch(next);
  };
}
