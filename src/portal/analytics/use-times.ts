import { getHours } from 'date-fns';
import { useFormatter } from 'use-intl';
import type { Granularity } from '../../../generated/client/types.gen.ts';

/** Formats the times of buckets in the user's language and time zone. Days are in UTC, and their labels say so. */
export function useTimes(granularity: Granularity) {
  const format = useFormatter();
  const day = { month: 'short', day: 'numeric' } as const;
  const clock = { hour: 'numeric', minute: '2-digit' } as const;

  return {
    /** The full time of a bucket. */
    full: (time: number): string =>
      granularity === 'day'
        ? format.dateTime(time, { dateStyle: 'medium', timeZone: 'UTC' })
        : format.dateTime(time, { dateStyle: 'medium', timeStyle: 'short' }),

    /** The short time of a bucket; the date for the first bucket of a day. */
    short: (time: number): string => {
      if (granularity === 'day') return format.dateTime(time, { ...day, timeZone: 'UTC' });
      return format.dateTime(time, granularity === 'hour' && getHours(time) === 0 ? day : clock);
    },
  };
}
