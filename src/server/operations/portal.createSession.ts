import { createSession } from '../domain/sessions/sessions.ts';
import type { Operation } from './operation.ts';

export const portalCreateSession: Operation<'portal.createSession'> = async (
  { body: { preview = false, ...request }, caller, author },
  { store, portalBaseUrl },
) => {
  const { sessionId, expiresAt } = await createSession(store, caller, { ...request, preview }, author());
  return { data: { sessionId, url: `${portalBaseUrl}/?session=${sessionId}`, expiresAt } };
};
