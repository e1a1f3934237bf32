import type { VerificationCounts } from '../../../generated/client/types.gen.ts';

/** The outcome of a verification. */
export type Outcome = Exclude<keyof VerificationCounts, 'total'>;

/** In the order of the legend, the table and the bar, from the bottom up. */
export const outcomes: Outcome[] = ['valid', 'rateLimited', 'disabled', 'expired'];

/** The colours: custom properties of theme.css, which follow the system's colour scheme. */
export const outcomeColor: Record<Outcome, string> = {
  valid: 'var(--outcome-valid)',
  rateLimited: 'var(--outcome-rate-limited)',
  disabled: 'var(--outcome-disabled)',
  expired: 'var(--outcome-expired)',
};
