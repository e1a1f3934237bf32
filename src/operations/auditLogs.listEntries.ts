import { listAuditEntries } from '../domain/audit.ts';
import { paginationOf } from '../domain/pagination.ts';
import type { Operation } from './operation.ts';

export const auditLogsListEntries: Operation<'auditLogs.listEntries'> = async ({ body, caller }, { store }) => {
  const { workspaceId } = caller;
  const page = await listAuditEntries(store, workspaceId, body);
  return { data: page.items, pagination: paginationOf({ workspaceId, kind: 'audit' }, page) };
};
