import { listUserAuditEntries } from '../domain/sessions/account.ts';
import type { Operation } from './operation.ts';

export const portalListAuditEntries: Operation<'portal.listAuditEntries'> = async ({ body, caller }, { store }) => {
  const { entries, pagination } = await listUserAuditEntries(store, caller, body);
  return { data: entries, pagination };
};
