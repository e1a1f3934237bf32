import { endOtherSessions } from '../domain/sessions/account.ts';
import type { Operation } from './operation.ts';

export const portalEndOtherSessions: Operation<'portal.endOtherSessions'> = async (
  { body, caller, author },
  { store },
) => {
  const ended = await endOtherSessions(store, caller, body, author());
  return { data: { ended }, ...(body.all === true && { sessionCookie: { token: null } }) };
};
