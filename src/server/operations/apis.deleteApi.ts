import { deleteApi } from '../domain/portals/apis.ts';
import { removeKeysOfDeletedApis } from '../domain/workspaces/removals.ts';
import type { Operation } from './operation.ts';

export const apisDeleteApi: Operation<'apis.deleteApi'> = async ({ body: { apiId }, caller, author }, { store }) => {
  await deleteApi(store, caller.workspaceId, apiId, author());
  void removeKeysOfDeletedApis(store, caller.workspaceId);
  return { data: { apiId } };
};
