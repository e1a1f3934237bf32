import type { VerificationCounts } from '../../../generated/client/types.gen.ts';

/** The outcome of a verification. */
export type Outcome = Exclude<keyof VerificationCounts, 'total'>;

/** In the order of the legend, the table and the bar, from the bottom up. */
export const outcomes: Outcome[] = [
  ...(['valid', 'rateLimited', 'usageExceeded', 'disabled', 'expired'] as const),
  ...(['insufficientPermissions', 'forbidden'] as const),
];

/** The outcomes to show beside these counts: those that occur. */
export const outcomesIn = (counts: VerificationCounts): Outcome[] => outcomes.filter((outcome) => counts[outcome] > 0);

/** The colours: custom properties of theme.css, which follow the system's colour scheme. */
export const outcomeColor: Record<Outcome, string> = {
  valid: 'var(--outcome-valid)',
  rateLimited: 'var(--outcome-rate-limited)',
  usageExceeded: 'var(--outcome-usage-exceeded)',
  disabled: 'var(--outcome-disabled)',
  expired: 'var(--outcome-expired)',
  insufficientPermissions: 'var(--outcome-insufficient-permissions)',
  forbidden: 'var(--outcome-forbidden)',
};
