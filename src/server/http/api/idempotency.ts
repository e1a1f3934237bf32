import type { Request, Response } from 'express';
import { type OperationId, operations } from '../../../../generated/operations.ts';
import { once } from '../../domain/workspaces/idempotency.ts';
import type { Caller } from '../../operations/operation.ts';
import type { Store } from '../../store/index.ts';
import { requestIdOf } from '../request.ts';
import { bearerOf } from './authenticate.ts';

/** Runs an operation; one that takes an Idempotency-Key and came with one, only once for that key. */
export async function idempotently<Answer>(
  operationId: OperationId,
  req: Request,
  res: Response,
  caller: Caller,
  store: Store,
  run: () => Promise<Answer>,
): Promise<Answer> {
  const key = req.headers['idempotency-key'];
  if (typeof key !== 'string' || !('idempotent' in operations[operationId])) return run();
  const rootKey = bearerOf(req.headers.authorization ?? '');
  if (rootKey === undefined || caller === undefined || !('verification' in caller)) return run();
  // A stored response may go to a caller that Redis has verified, and to no other.
  if (caller.verification === 'cached') throw new Error(`${operationId} got a cached root key with an Idempotency-Key`);
  return once(store, { operationId, requestId: requestIdOf(res), key, body: req.body, caller, rootKey }, run);
}
