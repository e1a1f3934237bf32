import { createSession } from '../domain/sessions.ts';
import type { Operation } from './operation.ts';

export const portalCreateSession: Operation<'portal.createSession'> = async (
  { body: { slug, externalId, permissions, preview = false }, caller },
  { store, portalBaseUrl },
) => {
  const { sessionId, expiresAt } = await createSession(store, caller, { slug, externalId, permissions, preview });
  return { data: { sessionId, url: `${portalBaseUrl}/?session=${sessionId}`, expiresAt } };
};
