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
/** A key was verified; the message is the outcome, a `Verification['code']`. */
export const keyVerified = channel('portico:key.verified');

/** What `keyVerified` publishes. */
export type VerificationOutcome = Verification['code'];
