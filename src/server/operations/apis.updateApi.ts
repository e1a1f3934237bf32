import { readNewSource } from '../domain/documents/api-scopes.ts';
import { updateApi } from '../domain/portals/apis.ts';
import type { Operation } from './operation.ts';

export const apisUpdateApi: Operation<'apis.updateApi'> = async ({ body, caller, author }, deps) => {
  const { apiId, ...changes } = body;
  const data = await updateApi(deps.store, caller.workspaceId, apiId, changes, author());
  if (changes.scopeSource) await readNewSource(deps.store, caller.workspaceId, apiId, deps);
  return { data };
};
