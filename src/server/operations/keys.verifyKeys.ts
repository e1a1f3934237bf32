import { operationNeeds } from '../domain/documents/api-scopes.ts';
import { verifyKeys } from '../domain/usage/usage.ts';
import type { Operation } from './operation.ts';

export const keysVerifyKeys: Operation<'keys.verifyKeys'> = async ({ body, caller }, deps) => {
  const needsOf = (...operation: [operationId: string, location: string]) =>
    operationNeeds(deps.store, deps, ...operation);
  return { data: { verifications: await verifyKeys(deps.store, caller, body.keys, needsOf) } };
};
