import { createApi } from '../domain/portals/apis.ts';
import type { Operation } from './operation.ts';

export const apisCreateApi: Operation<'apis.createApi'> = async ({ body, caller, author }, { store }) => ({
  data: await createApi(store, caller.workspaceId, body, author()),
});
