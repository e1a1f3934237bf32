import { addDays, addYears, endOfDay, isValid, lightFormat, parseISO } from 'date-fns';

/** The ways to say when a key ends, in the order they are offered. */
export const expiries = ['never', '7d', '30d', '90d', '1y', 'date'] as const;
export type Expiry = (typeof expiries)[number];

/** The server takes no later day. */
export const lastDay = '2099-12-31';

/** Today as a date input has it, in the user's time zone. */
export const dayOf = (date: Date): string => lightFormat(date, 'yyyy-MM-dd');

/**
 * When a key ends that is made now, in Unix ms, or undefined where it never does.
 *
 * @param day as a date input has it; the key ends with that day, in the user's time zone
 * @throws RangeError where the day is none, is over, or is too far away
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
