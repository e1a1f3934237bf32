import { useMemo } from 'react';
import { useFormatter } from 'use-intl';
import type { Verifications } from '../../../generated/client/types.gen.ts';
import { clockIn } from '../parts/time-zone.ts';

/** Formats the times of buckets in the user's language, and in the time zone of the usage. */
export function useTimes({ granularity, timeZone, series, endTime }: Verifications) {
  const format = useFormatter();
  return useMemo(() => {
    const day = { month: 'short', day: 'numeric', timeZone } as const;
    const clock = { hour: 'numeric', minute: '2-digit', timeZone } as const;
    // Such as "PDT" or "GMT+1": it is always another name after clocks have changed.
    const withZone = { timeZoneName: 'short' } as const;
    const wallClock = clockIn(timeZone);
    const name = (time: number) =>
      format.dateTime(time, { dateStyle: 'medium', ...(granularity !== 'day' && { timeStyle: 'short' }), timeZone });
    const names = new Map<string, number>();
    for (const { time } of series) names.set(name(time), (names.get(name(time)) ?? 0) + 1);
    /** Whether another bucket has the same time: where clocks go back, they show an hour twice. */
    const isRepeated = (time: number) => (names.get(name(time)) ?? 0) > 1;

    /** The full time of a bucket. No two have the same. */
    const full = (time: number): string =>
      isRepeated(time) ? format.dateTime(time, { year: 'numeric', ...day, ...clock, ...withZone }) : name(time);

    const last = series.at(-1)?.time ?? endTime;
    return {
      wallClock,
      full,

      /** The end of what is counted: the last day, or the time at which the last bucket ends. */
      end: granularity === 'day' ? name(last) : name(endTime),

      /** The time from the start of a bucket to the end of a later one, or of the same. */
      span: (from: number, to: number): string => {
        if (from === to && (granularity === 'day' || isRepeated(from))) return full(from);
        const next = series[series.findIndex(({ time }) => time === to) + 1]?.time ?? endTime;
        const end = granularity === 'hour' ? next : to;
        const parts = granularity === 'day' ? day : { ...day, ...clock };
        return end === from ? format.dateTime(from, parts) : format.dateTimeRange(from, end, parts);
      },

      /** The short time of a bucket; the date for the first bucket of a day. */
      short: (time: number): string => {
        if (granularity === 'day') return format.dateTime(time, day);
        if (isRepeated(time)) return format.dateTime(time, { ...clock, ...withZone });
        const { hours } = wallClock(time);
        return format.dateTime(time, granularity === 'hour' && hours === 0 ? day : clock);
      },
    };
  }, [format, granularity, timeZone, series, endTime]);
}
