import { pageRequest, paginationOf } from '../domain/pagination.ts';
import { configurationOf } from '../domain/portals/portals.ts';
import type { Operation } from './operation.ts';

export const portalListConfigurations: Operation<'portal.listConfigurations'> = async ({ body, caller }, { store }) => {
  const list = { workspaceId: caller.workspaceId, kind: 'portals' } as const;
  const page = await store.portals.list(caller.workspaceId, pageRequest(list, body));
  return { data: page.items.map(configurationOf), pagination: paginationOf(list, page) };
};
