import { exchangeSession } from '../domain/sessions/sessions.ts';
import type { Operation } from './operation.ts';

export const portalExchangeSession: Operation<'portal.exchangeSession'> = async (
  { body, author, idempotencyKey, pageOrigin },
  { store },
) => {
  const data = await exchangeSession(store, body.sessionId, author(), idempotencyKey, pageOrigin);
  return { data, sessionCookie: { token: data.token } };
};
