import { scaleBand, scaleLinear } from '@visx/scale';
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

/** The approximate maximum number of lines on the count axis. */
const countTicks = 4;

/** Returns the scale of the time axis. Bars have at least one pixel between them, if there is space. */
export function timeScale(series: readonly VerificationBucket[], width: number) {
  const step = width / Math.max(series.length, 1);
  return scaleBand({
    domain: series.map(({ time }) => time),
    range: [0, width],
    paddingInner: Math.min(Math.max(1 / step, 0.2), 0.5),
    paddingOuter: 0.1,
  });
}

/** Returns the scale of the count axis, from 0 to a round number at or above the maximum. */
export function countScale(series: readonly VerificationBucket[], height: number) {
  const highest = Math.max(1, ...series.map(({ total }) => total));
  return scaleLinear({ domain: [0, highest], range: [height, 0], nice: countTicks });
}

/** Returns the lines of the count axis. Counts are whole numbers. */
export const countTickValues = (scale: ReturnType<typeof countScale>): number[] =>
  scale.ticks(countTicks).filter((tick) => Number.isInteger(tick));

/**
 * Returns the buckets with a label on the time axis: as many as fit, at round times.
 *
 * @param width of the axis, in px
 * @param wallClock what clocks show at a time
 */
export function timeTickValues(
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
  return times.filter((time, i) => {
    // Where clocks go back, the same round hour can follow directly: there is no room for it.
    const isTick = isRound(time, i) && i - previous >= every;
    if (isTick) previous = i;
    return isTick;
  });
}

/** Returns the bucket at this position, in px from the start of the axis. The space around a bar belongs to the bar. */
export function bucketAt<Bucket>(series: readonly Bucket[], width: number, x: number): Bucket | undefined {
  return series[Math.floor((x / width) * series.length)];
}

/** Returns the bucket with the highest total; the first of several. */
export const peakOf = (series: readonly VerificationBucket[]): VerificationBucket | undefined =>
  series.reduce<VerificationBucket | undefined>(
    (peak, bucket) => (peak === undefined || bucket.total > peak.total ? bucket : peak),
    undefined,
  );
