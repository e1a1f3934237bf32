import type { VerificationCounts } from '../../../generated/client/types.gen.ts';

/** What can come of a verification. */
export type Outcome = Exclude<keyof VerificationCounts, 'total'>;

/** In the order of legend, table and stack, from the bottom up. */
export const outcomes: Outcome[] = ['valid', 'rateLimited', 'disabled', 'expired'];

/** Their colours. Custom properties of theme.css, so that they are those of the scheme that the system is in. */
export const outcomeColor: Record<Outcome, string> = {
  valid: 'var(--outcome-valid)',
  rateLimited: 'var(--outcome-rate-limited)',
  disabled: 'var(--outcome-disabled)',
  expired: 'var(--outcome-expired)',
};
