import type { ConformanceReport } from '../index.ts';

/** The share of checks that ran, as `300 of 320 (94 %)`. */
export function shareRun({ results, skipped }: ConformanceReport): string {
  const run = results.length - skipped;
  return `${run} of ${results.length} (${Math.round((run / results.length) * 100)} %)`;
}

/** The outcomes, as `300 passed, 0 failed, 20 skipped`. Those of a list of expected failures follow, if there are any. */
export function countsOf({ passed, failed, skipped, expected, unexpected }: ConformanceReport): string {
  return [
    `${passed} passed, ${failed} failed, ${skipped} skipped`,
    ...(expected > 0 ? [`${expected} failed as expected`] : []),
    ...(unexpected > 0 ? [`${unexpected} passed unexpectedly`] : []),
  ].join(', ');
}
