import type { Request, Response } from 'express';
import { type OperationId, operations } from '../../../../generated/operations.ts';
import { once } from '../../domain/workspaces/idempotency.ts';
import type { Callers } from '../../operations/operation.ts';
import type { Store } from '../../store/index.ts';
import { requestIdOf } from '../request.ts';
import { bearerOf } from './authenticate.ts';

/** Runs an operation; one that takes an Idempotency-Key and came with one, only once for that key. */
export async function idempotently<Answer>(
  operationId: OperationId,
  req: Request,
  res: Response,
  caller: Callers[keyof Callers],
  store: Store,
  run: () => Promise<Answer>,
): Promise<Answer> {
  const key = req.headers['idempotency-key'];
  if (typeof key !== 'string' || !('idempotent' in operations[operationId])) return run();
  const rootKey = bearerOf(req.headers.authorization ?? '');
  if (rootKey === undefined || caller === undefined || !('rootKeyId' in caller)) return run();
  return once(store, { operationId, requestId: requestIdOf(res), key, body: req.body, caller, rootKey }, run);
}
