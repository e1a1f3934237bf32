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
const defaultPreset: Preset = '24h';

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

/**
 * Reads what the address of the page shows, such as `?range=7d` or `?from=2026-11-01&to=2026-11-03`, with `key` for one key and `start` and
 * `end`, in Unix ms, for a part of the range. What is not valid counts as missing.
 */
export function readQuery(
  query: URLSearchParams,
  now: Date,
): { range: Range; zoom: TimeWindow | undefined; keyId: string | undefined } {
  const [from, to] = [query.get('from') ?? '', query.get('to') ?? ''];
  const areDays = Object.keys(checkDays(from, to, now)).length === 0;
  const preset = presets.find((name) => name === query.get('range')) ?? defaultPreset;
  const [startTime, endTime] = [Number(query.get('start')), Number(query.get('end'))];
  const isZoomed =
    Number.isSafeInteger(startTime) && Number.isSafeInteger(endTime) && 0 < startTime && startTime < endTime;
  return {
    range: areDays ? { from, to } : { preset },
    zoom: isZoomed ? { startTime, endTime } : undefined,
    keyId: query.get('key') || undefined,
  };
}

/** Writes what `readQuery` reads. What is usual is left out. */
export function queryOf(range: Range, zoom: TimeWindow | undefined, keyId: string | undefined): string {
  const query = new URLSearchParams({
    ...('preset' in range ? range.preset !== defaultPreset && { range: range.preset } : range),
    ...(keyId !== undefined && { key: keyId }),
    ...(zoom && { start: String(zoom.startTime), end: String(zoom.endTime) }),
  });
  return `?${query}`.replace(/^\?$/, '');
}

/** Formats a day for a date input. */
export const dayOf = (moment: Date | number): string => format(startOfDay(moment), 'yyyy-MM-dd');

/** Returns the last day of a window. */
export const lastDayOf = ({ endTime }: TimeWindow): string => dayOf(subMilliseconds(endTime, 1));

/** Returns the file name for a download. For the last hour and a part of a range it includes the time, because a day can have many. */
export function fileNameOf(range: Range | 'part', window: TimeWindow): string {
  const isShort = range === 'part' || ('preset' in range && range.preset === '1h');
  const name = (moment: number) => format(moment, "yyyy-MM-dd'T'HHmm");
  const [from, to] = isShort
    ? [name(window.startTime), name(window.endTime)]
    : [dayOf(window.startTime), lastDayOf(window)];
  return `usage-${from}-${to}.csv`;
}
