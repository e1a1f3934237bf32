import { exchangeSession } from '../domain/sessions.ts';
import type { Operation } from './operation.ts';

export const portalExchangeSession: Operation<'portal.exchangeSession'> = async ({ body, author }, { store }) => {
  const data = await exchangeSession(store, body.sessionId, author);
  return { data, sessionCookie: { token: data.token } };
};
