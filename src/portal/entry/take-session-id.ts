/**
 * Runs first on the page of a link, before any other request: removes the session id from the address bar, so that it is not in
 * the history, bookmarks or screenshots, and exchanges it while the browser loads the app. The build inlines this script into the page.
 */
import { newExchangeKey } from './exchange-key.ts';

/** An exchange under way. */
export interface StartedExchange {
  idempotencyKey: string;
  response: Promise<Response>;
}

declare global {
  var portalSessionId: string | undefined;
  var portalExchange: StartedExchange | undefined;
}

const sessionId = new URLSearchParams(location.search).get('session');
history.replaceState(null, '', '/');
if (sessionId !== null) {
  const idempotencyKey = newExchangeKey();
  const response = fetch('/v2/portal.exchangeSession', {
    method: 'POST',
    headers: { Accept: 'application/json', 'Content-Type': 'application/json', 'Idempotency-Key': idempotencyKey },
    body: JSON.stringify({ sessionId, replaceSession: false }),
  });
  // The app handles a failure. It may load too late for the browser, which would report it.
  response.catch(() => {});
  globalThis.portalSessionId = sessionId;
  globalThis.portalExchange = { idempotencyKey, response };
}
document.currentScript?.remove();
