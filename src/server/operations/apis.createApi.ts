import { readNewSource } from '../domain/documents/api-scopes.ts';
import { createApi } from '../domain/portals/apis.ts';
import type { Operation } from './operation.ts';

export const apisCreateApi: Operation<'apis.createApi'> = async ({ body, caller, author }, deps) => {
  const data = await createApi(deps.store, caller.workspaceId, body, author());
  if (body.scopeSource !== undefined) await readNewSource(deps.store, caller.workspaceId, data.apiId, deps);
  return { data };
};
