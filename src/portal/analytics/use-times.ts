import { getHours } from 'date-fns';
import { useFormatter } from 'use-intl';
import type { Granularity } from '../../../generated/client/types.gen.ts';

/** Times of buckets in the user's language and time zone. Days are those of UTC, and are named as such. */
export function useTimes(granularity: Granularity) {
  const format = useFormatter();
  const day = { month: 'short', day: 'numeric' } as const;
  const clock = { hour: 'numeric', minute: '2-digit' } as const;

  return {
    /** A bucket's time in full. */
    full: (time: number): string =>
      granularity === 'day'
        ? format.dateTime(time, { dateStyle: 'medium', timeZone: 'UTC' })
        : format.dateTime(time, { dateStyle: 'medium', timeStyle: 'short' }),

    /** A bucket's time in a few letters; where another day begins, that. */
    short: (time: number): string => {
      if (granularity === 'day') return format.dateTime(time, { ...day, timeZone: 'UTC' });
      return format.dateTime(time, granularity === 'hour' && getHours(time) === 0 ? day : clock);
    },
  };
}
