import {
  addDays,
  addMinutes,
  format,
  isAfter,
  isValid,
  min,
  parseISO,
  startOfDay,
  subHours,
  subMilliseconds,
} from 'date-fns';

/** How far back each preset looks, in hours. */
const presetHours = { '1h': 1, '24h': 24, '7d': 7 * 24, '30d': 30 * 24 } as const;

/** A stretch of time that ends now. */
export type Preset = keyof typeof presetHours;

export const presets = Object.keys(presetHours) as Preset[];

/** What the user has chosen: a preset, or the first and the last day, `yyyy-MM-dd` in their time zone. */
export type Range = { preset: Preset } | { from: string; to: string };

/** From its start on and before its end, in Unix ms. What the server is asked for. */
export interface TimeWindow {
  startTime: number;
  endTime: number;
}

/** The window that a range means at this moment. */
export function windowOf(range: Range, now: Date): TimeWindow {
  if ('preset' in range) {
    // A minute later than it says: otherwise a server that keeps usage for exactly so long would always refuse, because
    // the moment it checks comes after this one. The current minute makes up for it.
    const start = addMinutes(subHours(now, presetHours[range.preset]), 1);
    return { startTime: start.getTime(), endTime: now.getTime() };
  }
  const end = min([addDays(parseISO(range.to), 1), now]);
  return { startTime: parseISO(range.from).getTime(), endTime: end.getTime() };
}

/** What is wrong with each end of a custom range. */
export interface WrongDays {
  from?: 'dayMissing' | 'dayInFuture';
  to?: 'dayMissing' | 'dayInFuture' | 'endBeforeStart';
}

/** Looks at the two days of a custom range; nothing is wrong where the result is empty. */
export function checkDays(from: string, to: string, now: Date): WrongDays {
  const [start, end] = [parseISO(from), parseISO(to)];
  const wrongWith = (day: Date) => (!isValid(day) ? 'dayMissing' : isAfter(day, now) ? 'dayInFuture' : undefined);
  const wrongFrom = wrongWith(start);
  const wrongTo = wrongWith(end) ?? (isAfter(start, end) ? 'endBeforeStart' : undefined);
  return { ...(wrongFrom && { from: wrongFrom }), ...(wrongTo && { to: wrongTo }) };
}

/** A day as date inputs have it. */
export const dayOf = (moment: Date | number): string => format(startOfDay(moment), 'yyyy-MM-dd');

/** The last day that a window reaches into. */
export const lastDayOf = ({ endTime }: TimeWindow): string => dayOf(subMilliseconds(endTime, 1));

/** What a download of this window is called. The last hour says the time too, as there can be many of a day. */
export function fileNameOf(range: Range, window: TimeWindow): string {
  const isShort = 'preset' in range && range.preset === '1h';
  const name = (moment: number) => format(moment, "yyyy-MM-dd'T'HHmm");
  const [from, to] = isShort
    ? [name(window.startTime), name(window.endTime)]
    : [dayOf(window.startTime), lastDayOf(window)];
  return `usage-${from}-${to}.csv`;
}
