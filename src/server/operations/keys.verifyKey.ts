import { operationNeeds } from '../domain/documents/api-scopes.ts';
import { verifyKey } from '../domain/usage/usage.ts';
import type { Operation } from './operation.ts';

export const keysVerifyKey: Operation<'keys.verifyKey'> = async ({ body, caller }, deps) => ({
  data: await verifyKey(deps.store, caller, body, (...operation) => operationNeeds(deps.store, deps, ...operation)),
});
