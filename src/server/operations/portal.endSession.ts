import { endSession } from '../domain/sessions/sessions.ts';
import type { Operation } from './operation.ts';

export const portalEndSession: Operation<'portal.endSession'> = async ({ caller, author }, { store }) => {
  await endSession(store, caller, author());
  return { data: {}, sessionCookie: { token: null } };
};
