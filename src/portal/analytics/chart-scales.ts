import { scaleBand, scaleLinear } from '@visx/scale';
import { getHours, getMinutes } from 'date-fns';
import type { Granularity, VerificationBucket } from '../../../generated/client/types.gen.ts';

/** How many buckets there may be from one tick of the time axis to the next; these divide an hour or a day evenly. */
const tickSteps: Record<Granularity, number[]> = {
  minute: [1, 2, 5, 10, 15, 30, 60],
  hour: [1, 2, 3, 6, 12, 24],
  day: [1, 2, 7, 14, 28, 56],
};

/** How wide a label of the time axis is at most, with air around it, in px. */
const labelWidth: Record<Granularity, number> = { minute: 76, hour: 76, day: 60 };

/** How many lines the count axis has at most, more or less. */
const countTicks = 4;

/** Where on the axis of time each bucket is. Between bars there is a pixel at least, where a pixel can be spared. */
export function timeScale(series: readonly VerificationBucket[], width: number) {
  const step = width / Math.max(series.length, 1);
  return scaleBand({
    domain: series.map(({ time }) => time),
    range: [0, width],
    paddingInner: Math.min(Math.max(1 / step, 0.2), 0.5),
    paddingOuter: 0.1,
  });
}

/** How high each count is, from 0 to a round number at or above the highest. */
export function countScale(series: readonly VerificationBucket[], height: number) {
  const highest = Math.max(1, ...series.map(({ total }) => total));
  return scaleLinear({ domain: [0, highest], range: [height, 0], nice: countTicks });
}

/** Where the axis of counts has its lines. Nothing is verified half a time. */
export const countTickValues = (scale: ReturnType<typeof countScale>): number[] =>
  scale.ticks(countTicks).filter((tick) => Number.isInteger(tick));

/**
 * The buckets that are named on the axis of time: as many as there is room for, at round times of the user's clock.
 *
 * @param width of the axis, in px
 */
export function timeTickValues(times: readonly number[], granularity: Granularity, width: number): number[] {
  const step = width / Math.max(times.length, 1);
  const steps = tickSteps[granularity];
  const every = steps.find((many) => many * step >= labelWidth[granularity]) ?? steps.at(-1) ?? 1;
  return times.filter((time, i) => {
    if (granularity === 'minute') return getMinutes(time) % every === 0;
    if (granularity === 'hour') return getHours(time) % every === 0;
    // Counted from today, which people look for first.
    return (times.length - 1 - i) % every === 0;
  });
}

/** The bucket that is drawn at this place, in px from the beginning of the axis. Air around a bar belongs to it. */
export function bucketAt<Bucket>(series: readonly Bucket[], width: number, x: number): Bucket | undefined {
  return series[Math.floor((x / width) * series.length)];
}

/** The bucket in which most happened; the first of several. */
export const peakOf = (series: readonly VerificationBucket[]): VerificationBucket | undefined =>
  series.reduce<VerificationBucket | undefined>(
    (peak, bucket) => (peak === undefined || bucket.total > peak.total ? bucket : peak),
    undefined,
  );
