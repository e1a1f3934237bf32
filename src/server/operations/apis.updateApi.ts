import { updateApi } from '../domain/portals/apis.ts';
import type { Operation } from './operation.ts';

export const apisUpdateApi: Operation<'apis.updateApi'> = async ({ body, caller, author }, { store }) => {
  const { apiId, ...changes } = body;
  return { data: await updateApi(store, caller.workspaceId, apiId, changes, author()) };
};
