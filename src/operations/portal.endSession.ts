import { endSession } from '../domain/sessions.ts';
import type { Operation } from './operation.ts';

export const portalEndSession: Operation<'portal.endSession'> = async ({ caller }, { store }) => {
  await endSession(store, caller);
  return { data: {}, sessionCookie: { token: null } };
};
