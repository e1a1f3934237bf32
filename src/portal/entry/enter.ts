import { bearsToken } from '../embedding/frame-parent.ts';
import { dataOf } from '../server/answer.ts';
import { bearToken, portal } from '../server/client.ts';
import { tellOtherTabs } from './other-tabs.ts';

let exchange: { sessionId: string; outcome: Promise<void> } | undefined;

/** What an exchange is sent again with, so that one whose answer got lost has not burned the link. */
let repetition: { sessionId: string; key: string } | undefined;

function keyFor(sessionId: string): string {
  if (repetition?.sessionId !== sessionId) {
    // Unlike randomUUID this is there over plain http too.
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    repetition = { sessionId, key: Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('') };
  }
  return repetition.key;
}

/**
 * Exchanges the session id of the link, once however often this is called: a second exchange of the same id would be
 * refused, and would take the first one's place on the screen. The cookie of whoever was signed in before is replaced.
 *
 * @throws CallFailed; one that is passing leaves the id good, or what it gave to be had again: the next call tries
 */
export function enter(sessionId: string): Promise<void> {
  if (exchange?.sessionId !== sessionId) {
    const headers = { 'Idempotency-Key': keyFor(sessionId) };
    const outcome = dataOf(portal.exchangeSession({ body: { sessionId }, headers })).then(({ token }) => {
      if (bearsToken) bearToken(token);
      tellOtherTabs();
    });
    outcome.catch(() => {
      exchange = undefined;
    });
    exchange = { sessionId, outcome };
  }
  return exchange.outcome;
}
