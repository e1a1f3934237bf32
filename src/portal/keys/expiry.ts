import { addDays, addYears, endOfDay, isValid, lightFormat, parseISO } from 'date-fns';

/** The choices for the expiry of a key, in their order in the list. */
export const expiries = ['never', '7d', '30d', '90d', '1y', 'date'] as const;
export type Expiry = (typeof expiries)[number];

/** The server accepts no later day. */
export const lastDay = '2099-12-31';

/** Today in the format of a date input, in the user's time zone. */
export const dayOf = (date: Date): string => lightFormat(date, 'yyyy-MM-dd');

/**
 * Returns the expiry of a key that is created now, in Unix ms, or undefined if it never expires.
 *
 * @param day in the format of a date input; the key expires at the end of this day, in the user's time zone
 * @throws RangeError if the day is invalid, in the past, or too late
 */
export function expiresAt(expiry: Expiry, day: string, now: Date): number | undefined {
  switch (expiry) {
    case 'never':
      return undefined;
    case '7d':
      return addDays(now, 7).getTime();
    case '30d':
      return addDays(now, 30).getTime();
    case '90d':
      return addDays(now, 90).getTime();
    case '1y':
      return addYears(now, 1).getTime();
    case 'date': {
      const end = endOfDay(parseISO(day));
      if (!isValid(end) || end <= now || day > lastDay) throw new RangeError('no day that a key can end with');
      return end.getTime();
    }
  }
}
