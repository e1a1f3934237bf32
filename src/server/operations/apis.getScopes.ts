import { getScopes } from '../domain/documents/api-scopes.ts';
import type { Operation } from './operation.ts';

export const apisGetScopes: Operation<'apis.getScopes'> = async ({ body, caller }, deps) => ({
  data: await getScopes(deps.store, caller.workspaceId, body.apiId, deps),
});
