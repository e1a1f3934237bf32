import type { Granularity, VerificationBucket } from '../../../generated/client/types.gen.ts';
import { type Known, knownValues } from '../../../generated/known-values.ts';

/** The allowed numbers of buckets between two ticks of the time axis. They divide an hour or a day evenly, or are whole days. */
const tickSteps: Record<Known<'Granularity'>, number[]> = {
  minute: [1, 2, 5, 10, 15, 30, 60],
  hour: [1, 2, 3, 6, 12, 24, 48],
  day: [1, 2, 7, 14, 28, 56],
};

/** The maximum width of a label on the time axis including its margin, in px. */
const labelWidth: Record<Known<'Granularity'>, number> = { minute: 76, hour: 76, day: 60 };

/** Buckets of a length that a newer server may have are labelled like days: counted, not at round times. */
const layoutOf = (granularity: Granularity): Known<'Granularity'> =>
  knownValues.Granularity.find((known) => known === granularity) ?? 'day';

/** The maximum number of steps on the count axis, and the maximum width of a bar in px. */
const [countSteps, maxBarWidth] = [5, 48];

/** Where the bars are. */
export interface Bars {
  /** The width of a bar with the space around it, and of the bar, in px. */
  step: number;
  bar: number;
  /** The left end of a bar by its position in the series, in px. */
  leftOf: (position: number) => number;
}

/** Places bars on an axis. They have at least one pixel between them, if there is space; a gap is never wider than the bar. */
export function barsOf(many: number, width: number): Bars {
  const step = width / Math.max(many, 1);
  const gap = Math.min(Math.max(1, step * 0.2), step * 0.5);
  const bar = Math.min(step - gap, maxBarWidth);
  return { step, bar, leftOf: (position) => position * step + (step - bar) / 2 };
}

/** Returns the lines of the count axis: round, whole numbers from 0 to one at or above the maximum. */
export function countTicks(highest: number): number[] {
  const most = Math.max(highest, 1);
  const least = most / countSteps;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = Math.max(1, power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10));
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) => i * step);
}

/**
 * Returns the positions of buckets with a label on the time axis: as many as fit, at round times.
 *
 * @param width of the axis, in px
 * @param wallClock what clocks show at a time
 */
export function timeTicks(
  times: readonly number[],
  granularity: Granularity,
  width: number,
  wallClock: (time: number) => { hours: number; minutes: number },
): number[] {
  const step = width / Math.max(times.length, 1);
  const layout = layoutOf(granularity);
  const steps = tickSteps[layout];
  const every = steps.find((many) => many * step >= labelWidth[layout]) ?? steps.at(-1) ?? 1;
  let previous = Number.NEGATIVE_INFINITY;
  const isRound = (time: number, i: number) => {
    if (granularity === 'minute') return wallClock(time).minutes % every === 0;
    if (granularity === 'hour') return wallClock(time).hours % every === 0;
    // Counted from today, which users look for first.
    return (times.length - 1 - i) % every === 0;
  };
  return times.flatMap((time, i) => {
    // Where clocks go back, the same round hour can follow directly: there is no room for it.
    const isTick = isRound(time, i) && i - previous >= every;
    if (isTick) previous = i;
    return isTick ? [i] : [];
  });
}

/** Returns the position of the bucket at `x`, in px from the start of the axis; the nearest one if `x` is beside the axis. */
export const positionAt = (many: number, width: number, x: number): number =>
  Math.min(Math.max(Math.floor((x / width) * many), 0), many - 1);

/** Returns the bucket with the highest total; the first of several. */
export const peakOf = (series: readonly VerificationBucket[]): VerificationBucket | undefined =>
  series.reduce<VerificationBucket | undefined>(
    (peak, bucket) => (peak === undefined || bucket.total > peak.total ? bucket : peak),
    undefined,
  );

/** Returns counts in at most `many` sums of neighbours, for a drawing that has no room for more. */
export function inColumns(counts: readonly number[], many: number): number[] {
  const size = Math.max(Math.ceil(counts.length / many), 1);
  return Array.from({ length: Math.ceil(counts.length / size) }, (_, i) =>
    counts.slice(i * size, (i + 1) * size).reduce((sum, count) => sum + count, 0),
  );
}
