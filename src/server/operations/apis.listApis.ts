import { pageRequest, paginationOf } from '../domain/pagination.ts';
import { apiForOperators } from '../domain/portals/apis.ts';
import type { Operation } from './operation.ts';

export const apisListApis: Operation<'apis.listApis'> = async ({ body, caller }, { store }) => {
  const list = { workspaceId: caller.workspaceId, kind: 'apis' } as const;
  const page = await store.apis.list(caller.workspaceId, pageRequest(list, body));
  return { data: page.items.map(apiForOperators), pagination: paginationOf(list, page) };
};
