import type { PortalSession } from '../../../generated/client/types.gen.ts';
import type { OpenedLink } from '../boot.ts';
import { usesBearerToken } from '../embedding/frame-parent.ts';
import type { StartedExchange } from '../first-requests.ts';
import { portal, portalWithoutCookie, portalWithResponse, setBearerToken } from '../server/client.ts';
import { hasCode } from '../server/failures.ts';
import { newExchangeKey } from './exchange-key.ts';
import { notifyOtherTabs } from './other-tabs.ts';

/** A link, and whether its session can replace that of another user, to which the user must agree. */
export interface Entering {
  sessionId: string;
  replaceSession: boolean;
}

/** The user has entered, or must decide first, because another user is signed in: with this session, if it is known. */
export type Outcome = { entered: true } | { entered: false; signedIn: PortalSession | undefined };

let exchange: (Entering & { outcome: Promise<Outcome> }) | undefined;

/** Idempotency key of the exchange. A retry after a lost response gets the same token. */
let repetition: { sessionId: string; key: string } | undefined;

/** The exchange that the first script of the page has started, until its response is used. */
let started: (OpenedLink & { exchange: StartedExchange }) | undefined;

/** Uses the exchange that the first script of the page has started. */
export function continueExchange({ sessionId, exchange: begun }: OpenedLink): void {
  if (begun === undefined) return;
  started = { sessionId, exchange: begun };
  repetition = { sessionId, key: begun.idempotencyKey };
}

function keyFor(sessionId: string): string {
  if (repetition?.sessionId !== sessionId) repetition = { sessionId, key: newExchangeKey() };
  return repetition.key;
}

/** The operations for an exchange. The first one of the link gets the response to the request of the page's first script. */
function portalFor({ sessionId, replaceSession }: Entering) {
  const begun = started?.sessionId === sessionId && !replaceSession ? started.exchange : undefined;
  started = undefined;
  return begun === undefined ? portal : portalWithResponse(begun.response);
}

const isOtherUser = (error: unknown) => hasCode(error, 'other_user_signed_in');

async function exchangeLink({ sessionId, replaceSession }: Entering): Promise<Outcome> {
  const options = { idempotencyKey: keyFor(sessionId) };
  try {
    const { exchangeSession } = portalFor({ sessionId, replaceSession });
    const exchanged = exchangeSession({ sessionId, replaceSession }, options).catch((error: unknown) => {
      // A page that sends the token itself needs no cookie, so the other user stays signed in outside of it. In a frame, the page
      // around it could make the user agree without noticing.
      if (usesBearerToken && isOtherUser(error)) return portalWithoutCookie.exchangeSession({ sessionId }, options);
      throw error;
    });
    const { token } = await exchanged;
    if (usesBearerToken) setBearerToken(token);
    notifyOtherTabs();
    return { entered: true };
  } catch (error) {
    if (!isOtherUser(error)) throw error;
    // Nobody is named if the session has just ended, or if the browser sends several.
    return { entered: false, signedIn: await portal.getSession().catch(() => undefined) };
  }
}

/**
 * Exchanges the session id of the link, once for any number of calls: the server would refuse a second exchange, and the
 * page would show its error. The new cookie replaces that of the same user. For the cookie of another user it asks first: any
 * site can send a user to a link.
 *
 * @throws PorticoError, PorticoUnreachable. After a transient failure and `tryAgain` the next call tries again: the id is still valid, or the
 *   server repeats its response.
 */
export function enter(entering: Entering): Promise<Outcome> {
  if (exchange?.sessionId !== entering.sessionId || exchange.replaceSession !== entering.replaceSession)
    exchange = { ...entering, outcome: exchangeLink(entering) };
  return exchange.outcome;
}

/** Lets the next call of `enter` exchange the link again, after a failure. */
export function tryAgain(): void {
  exchange = undefined;
}
