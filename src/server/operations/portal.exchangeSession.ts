import { exchangeSession } from '../domain/sessions/sessions.ts';
import type { Operation } from './operation.ts';

export const portalExchangeSession: Operation<'portal.exchangeSession'> = async (
  { body, author, idempotencyKey, pageOrigin, cookieTokens },
  { store },
) => {
  const { sessionId, replaceSession = false } = body;
  const notReplaced = replaceSession ? [] : cookieTokens();
  const data = await exchangeSession(store, sessionId, author(), idempotencyKey, pageOrigin, notReplaced);
  return { data, sessionCookie: { token: data.token } };
};
