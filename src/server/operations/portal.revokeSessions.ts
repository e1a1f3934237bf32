import { revokeSessions } from '../domain/sessions/session-list.ts';
import type { Operation } from './operation.ts';

export const portalRevokeSessions: Operation<'portal.revokeSessions'> = async (
  { body, caller, author },
  { store },
) => ({ data: { revoked: await revokeSessions(store, caller.workspaceId, body, author()) } });
