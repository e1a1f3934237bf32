import type { PortalSession } from '../../../generated/client/types.gen.ts';
import { usesBearerToken } from '../embedding/frame-parent.ts';
import { portal, portalWithoutCookie, setBearerToken } from '../server/client.ts';
import { hasCode } from '../server/failures.ts';
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

function keyFor(sessionId: string): string {
  if (repetition?.sessionId !== sessionId) {
    // Unlike randomUUID this is also available over plain http.
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    repetition = { sessionId, key: Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('') };
  }
  return repetition.key;
}

const isOtherUser = (error: unknown) => hasCode(error, 'other_user_signed_in');

async function exchangeLink({ sessionId, replaceSession }: Entering): Promise<Outcome> {
  const options = { idempotencyKey: keyFor(sessionId) };
  try {
    const exchanged = portal.exchangeSession({ sessionId, replaceSession }, options).catch((error: unknown) => {
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
 * @throws PorticoError, PorticoUnreachable. After a transient failure the next call tries again: the id is still valid, or the server repeats
 *   its response.
 */
export function enter(entering: Entering): Promise<Outcome> {
  if (exchange?.sessionId !== entering.sessionId || exchange.replaceSession !== entering.replaceSession) {
    const outcome = exchangeLink(entering);
    outcome.catch(() => {
      exchange = undefined;
    });
    exchange = { ...entering, outcome };
  }
  return exchange.outcome;
}
