import { pageRequest, paginationOf } from '../domain/pagination.ts';
import type { Operation } from './operation.ts';

export const auditLogsListEntries: Operation<'auditLogs.listEntries'> = async ({ body, caller }, { store }) => {
  const list = { workspaceId: caller.workspaceId, kind: 'audit' } as const;
  const page = await store.audit.list(caller.workspaceId, body, pageRequest(list, body));
  return { data: page.items, pagination: paginationOf(list, page) };
};
