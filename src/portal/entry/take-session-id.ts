/**
 * Runs first on the page of a link, before any other request: removes the session id from the address bar, so that it is not in
 * the history, bookmarks or screenshots, and exchanges it while the browser loads the app. Then it requests what the app shows first: that
 * takes less time than to read and run the app. The build inlines this script into the page.
 */
import { readBoot } from '../boot.ts';
import { usesBearerToken } from '../embedding/frame-parent.ts';
import { firstRequestsOf } from '../first-requests.ts';
import { deviceTime } from '../server/clock.ts';
import type { StartedRequest } from '../server/started.ts';
import { newExchangeKey } from './exchange-key.ts';

/** Sends a request. The app handles a failure. It may load too late for the browser, which would report it. */
function send(path: string, init: RequestInit): Promise<Response> {
  const response = fetch(path, init);
  response.catch(() => {});
  return response;
}

const json = { Accept: 'application/json', 'Content-Type': 'application/json' };
const sessionId = new URLSearchParams(location.search).get('session');
history.replaceState(null, '', '/');
if (sessionId !== null) {
  const idempotencyKey = newExchangeKey();
  const response = send('/v2/portal.exchangeSession', {
    method: 'POST',
    headers: { ...json, 'Idempotency-Key': idempotencyKey },
    body: JSON.stringify({ sessionId, replaceSession: false }),
  });
  const requests: StartedRequest[] = [];
  response.then(
    ({ ok }) => {
      const { tab } = readBoot();
      // The documentation has a page of its own. A page without cookies sends the token, which only the app reads.
      if (!ok || tab === undefined || tab === 'docs' || usesBearerToken) return;
      for (const request of firstRequestsOf(tab)) {
        const { path, body } = request;
        const init =
          body === undefined
            ? { method: 'HEAD', headers: { Accept: 'text/html' } }
            : { method: 'POST', headers: json, body };
        requests.push({ ...request, sentAt: deviceTime(), response: send(path, init) });
      }
    },
    () => {},
  );
  globalThis.portalSessionId = sessionId;
  globalThis.portalExchange = { idempotencyKey, response };
  globalThis.portalRequests = requests;
}
document.currentScript?.remove();
