import { originOf } from '../domain/portals/hosts.ts';
import { createSession } from '../domain/sessions/sessions.ts';
import type { Operation } from './operation.ts';

export const portalCreateSession: Operation<'portal.createSession'> = async (
  { body: { preview = false, ...request }, caller, author },
  { store, portalBaseUrl },
) => {
  const { sessionId, expiresAt, hostname } = await createSession(store, caller, { ...request, preview }, author());
  return { data: { sessionId, url: `${originOf(portalBaseUrl, hostname)}/?session=${sessionId}`, expiresAt } };
};
