import { deleteApi } from '../domain/portals/apis.ts';
import type { Operation } from './operation.ts';

export const apisDeleteApi: Operation<'apis.deleteApi'> = async ({ body: { apiId }, caller, author }, { store }) => {
  await deleteApi(store, caller.workspaceId, apiId, author());
  return { data: { apiId } };
};
