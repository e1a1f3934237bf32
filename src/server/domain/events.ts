/**
 * What happens, for whoever counts it: channels that cost next to nothing where nobody listens, so that the domain need
 * know no counter. Nothing that goes over them is a credential, or made up by a caller.
 */
import { channel } from 'node:diagnostics_channel';
import type { Verification } from '../../../generated/client/types.gen.ts';

/** A session was minted; one whose answer was kept for an Idempotency-Key is not minted again. */
export const sessionMinted = channel('portico:session.minted');
/** A session id became a browser session. */
export const sessionExchanged = channel('portico:session.exchanged');
/** A key was decided upon; the message is the outcome, a `Verification['code']`. */
export const keyVerified = channel('portico:key.verified');

/** What `keyVerified` publishes. */
export type VerificationOutcome = Verification['code'];
