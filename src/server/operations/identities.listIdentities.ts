import { listIdentities } from '../domain/identities/identities.ts';
import { pageRequest, paginationOf } from '../domain/pagination.ts';
import type { Operation } from './operation.ts';

export const identitiesListIdentities: Operation<'identities.listIdentities'> = async ({ body, caller }, { store }) => {
  const list = { workspaceId: caller.workspaceId, kind: 'identities', of: body.search ?? '' } as const;
  const page = await listIdentities(store, caller.workspaceId, body.search, pageRequest(list, body));
  return { data: page.items, pagination: paginationOf(list, page) };
};
