import { requireHost } from '../domain/portals/hosts.ts';
import { exchangeSession } from '../domain/sessions/sessions.ts';
import type { Operation } from './operation.ts';

export const portalExchangeSession: Operation<'portal.exchangeSession'> = async (
  { body, author, idempotencyKey, pageOrigin, host, cookieTokens },
  { store },
) => {
  const { sessionId, replaceSession = false } = body;
  const notReplaced = replaceSession ? [] : cookieTokens();
  const requirePortal = (portal: Parameters<typeof requireHost>[0]) => requireHost(portal, host);
  const data = await exchangeSession(
    ...([store, sessionId, author(), idempotencyKey, pageOrigin, notReplaced, requirePortal] as const),
  );
  return { data, sessionCookie: { token: data.token } };
};
