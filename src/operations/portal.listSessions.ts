import { paginationOf } from '../domain/pagination.ts';
import { listSessions } from '../domain/session-list.ts';
import type { Operation } from './operation.ts';

export const portalListSessions: Operation<'portal.listSessions'> = async ({ body, caller }, { store }) => {
  const { workspaceId } = caller;
  const page = await listSessions(store, workspaceId, body);
  return { data: page.items, pagination: paginationOf({ workspaceId, kind: 'sessions' }, page) };
};
