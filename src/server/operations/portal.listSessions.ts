import { pageRequest, paginationOf } from '../domain/pagination.ts';
import { listSessions } from '../domain/sessions/session-list.ts';
import type { Operation } from './operation.ts';

export const portalListSessions: Operation<'portal.listSessions'> = async ({ body, caller }, { store }) => {
  const list = { workspaceId: caller.workspaceId, kind: 'sessions' } as const;
  const page = await listSessions(store, caller.workspaceId, body, pageRequest(list, body));
  return { data: page.items, pagination: paginationOf(list, page) };
};
