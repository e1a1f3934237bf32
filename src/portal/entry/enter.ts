import { usesBearerToken } from '../embedding/frame-parent.ts';
import { portal, setBearerToken } from '../server/client.ts';
import { notifyOtherTabs } from './other-tabs.ts';

let exchange: { sessionId: string; outcome: Promise<void> } | undefined;

/** Idempotency key of the exchange. A retry after a lost response gets the same token. */
let repetition: { sessionId: string; key: string } | undefined;

function keyFor(sessionId: string): string {
  if (repetition?.sessionId !== sessionId) {
    // Unlike randomUUID this is also available over plain http.
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    repetition = { sessionId, key: Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('') };
  }
  return repetition.key;
}

/**
 * Exchanges the session id of the link, once for any number of calls: the server would refuse a second exchange, and the
 * page would show its error. The new cookie replaces the cookie of a user who was signed in before.
 *
 * @throws PorticoError, PorticoUnreachable. After a transient failure the next call tries again: the id is still valid, or the server repeats
 *   its response.
 */
export function enter(sessionId: string): Promise<void> {
  if (exchange?.sessionId !== sessionId) {
    const idempotencyKey = keyFor(sessionId);
    const outcome = portal.exchangeSession({ sessionId }, { idempotencyKey }).then(({ token }) => {
      if (usesBearerToken) setBearerToken(token);
      notifyOtherTabs();
    });
    outcome.catch(() => {
      exchange = undefined;
    });
    exchange = { sessionId, outcome };
  }
  return exchange.outcome;
}
