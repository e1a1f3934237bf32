import { getApi } from '../domain/portals/apis.ts';
import type { Operation } from './operation.ts';

export const apisGetApi: Operation<'apis.getApi'> = async ({ body, caller }, { store }) => ({
  data: await getApi(store, caller.workspaceId, body.apiId),
});
