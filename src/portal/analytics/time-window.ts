import {
  addDays,
  addMinutes,
  format,
  isAfter,
  isValid,
  min,
  parseISO,
  startOfDay,
  subDays,
  subHours,
  subMilliseconds,
} from 'date-fns';

/** A time range that ends now: its length in hours, or in days of the user, today included. */
const lengths = { '1h': { hours: 1 }, '24h': { hours: 24 }, '7d': { days: 7 }, '30d': { days: 30 } } as const;

/** The name of a time range that ends now. */
export type Preset = keyof typeof lengths;

export const presets = Object.keys(lengths) as Preset[];

/** The chosen range: a preset, or the first and the last day as `yyyy-MM-dd` in the user's time zone. */
export type Range = { preset: Preset } | { from: string; to: string };

/** The window of a request, in Unix ms. The start is inclusive, the end exclusive. */
export interface TimeWindow {
  startTime: number;
  endTime: number;
}

/** Returns the window of a range at a given time. */
export function windowOf(range: Range, now: Date): TimeWindow {
  if ('preset' in range) {
    const length = lengths[range.preset];
    // Starts a minute late: the current minute makes up for it, so that an hour has 60 minutes.
    const start =
      'hours' in length ? addMinutes(subHours(now, length.hours), 1) : startOfDay(subDays(now, length.days - 1));
    return { startTime: start.getTime(), endTime: now.getTime() };
  }
  const end = min([addDays(parseISO(range.to), 1), now]);
  return { startTime: parseISO(range.from).getTime(), endTime: end.getTime() };
}

/** The errors of a custom range, by field. */
export interface WrongDays {
  from?: 'dayMissing' | 'dayInFuture';
  to?: 'dayMissing' | 'dayInFuture' | 'endBeforeStart';
}

/** Validates the two days of a custom range. An empty result means that both are valid. */
export function checkDays(from: string, to: string, now: Date): WrongDays {
  const [start, end] = [parseISO(from), parseISO(to)];
  const wrongWith = (day: Date) => (!isValid(day) ? 'dayMissing' : isAfter(day, now) ? 'dayInFuture' : undefined);
  const wrongFrom = wrongWith(start);
  const wrongTo = wrongWith(end) ?? (isAfter(start, end) ? 'endBeforeStart' : undefined);
  return { ...(wrongFrom && { from: wrongFrom }), ...(wrongTo && { to: wrongTo }) };
}

/** Formats a day for a date input. */
export const dayOf = (moment: Date | number): string => format(startOfDay(moment), 'yyyy-MM-dd');

/** Returns the last day of a window. */
export const lastDayOf = ({ endTime }: TimeWindow): string => dayOf(subMilliseconds(endTime, 1));

/** Returns the file name for a download. For the last hour it includes the time, because a day can have many. */
export function fileNameOf(range: Range, window: TimeWindow): string {
  const isShort = 'preset' in range && range.preset === '1h';
  const name = (moment: number) => format(moment, "yyyy-MM-dd'T'HHmm");
  const [from, to] = isShort
    ? [name(window.startTime), name(window.endTime)]
    : [dayOf(window.startTime), lastDayOf(window)];
  return `usage-${from}-${to}.csv`;
}
