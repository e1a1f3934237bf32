import { deleteApi } from '../domain/apis.ts';
import type { Operation } from './operation.ts';

export const apisDeleteApi: Operation<'apis.deleteApi'> = async ({ body: { apiId }, caller, author }, { store }) => {
  await deleteApi(store, caller.workspaceId, apiId, author);
  return { data: { apiId } };
};
