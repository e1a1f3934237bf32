import { dataOf } from '../server/answer.ts';
import { bearToken, portal } from '../server/client.ts';
import { bearsToken } from './frame-parent.ts';
import { tellOtherTabs } from './other-tabs.ts';

let exchange: { sessionId: string; outcome: Promise<void> } | undefined;

/**
 * Exchanges the session id of the link, once however often this is called: a second exchange of the same id would be
 * refused, and would take the first one's place on the screen. The cookie of whoever was signed in before is replaced.
 *
 * @throws CallFailed; one that is passing leaves the id good, and the next call tries again
 */
export function enter(sessionId: string): Promise<void> {
  if (exchange?.sessionId !== sessionId) {
    const outcome = dataOf(portal.exchangeSession({ body: { sessionId } })).then(({ token }) => {
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
