import { listUserSessions } from '../domain/sessions/account.ts';
import type { Operation } from './operation.ts';

export const portalListUserSessions: Operation<'portal.listUserSessions'> = async ({ body, caller }, { store }) => {
  const { sessions, pagination } = await listUserSessions(store, caller, body);
  return { data: sessions, pagination };
};
