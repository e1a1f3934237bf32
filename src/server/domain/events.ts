/**
 * Events for metrics: channels that cost next to nothing without a listener, so that the domain knows no metrics. No message
 * contains a credential, or text from a caller.
 */
import { channel } from 'node:diagnostics_channel';
import type { Verification } from '../../../generated/client/types.gen.ts';

/** A session was created. A response that is repeated for an Idempotency-Key creates none. */
export const sessionCreated = channel('portico:session.minted');
/** A session id became a browser session. */
export const sessionExchanged = channel('portico:session.exchanged');
/** Keys were verified; the message is a `Verified`. */
export const keyVerified = channel('portico:key.verified');

/** A request was refused because the process serves as many as it can. */
export const requestRefused = channel('portico:request.refused');

/** What `keyVerified` publishes: so many verifications with the same outcome. */
export interface Verified {
  outcome: Verification['code'];
  count: number;
}
