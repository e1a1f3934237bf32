/** The hours, days, weeks and months of a time zone: buckets of a chart, and periods of a quota. */

const hour = 3_600_000;
const day = 24 * hour;
/** Every time zone in use is a whole number of quarter hours away from UTC, so its hours and days begin at one. */
const quarterHour = hour / 4;

/** A part of a calendar. A week begins on Monday. */
export type CalendarUnit = 'hour' | 'day' | 'week' | 'month';

/** The parts that clocks show. */
type ClockUnit = 'hour' | 'day';

/** The time that clocks of a time zone show. */
export interface Clock {
  /** How far they are ahead of UTC at a time in Unix ms, in ms. */
  offsetAt(time: number): number;
}

/**
 * The clock of a time zone by its IANA name. It asks the platform, which has the tz database, instead of a library.
 *
 * @throws RangeError if there is no such time zone
 */
export function clockOf(timeZone: string): Clock {
  if (timeZone === 'UTC') return { offsetAt: () => 0 };
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  const read = (time: number) => {
    // Such as "11/26/2026, GMT+05:30".
    const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)$/.exec(format.format(time)) ?? [];
    return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  };
  // Formatting is slow, and clocks change twice a year: a day that begins and ends with the same offset has only this one.
  const offsets = new Map<number, number>();
  const offsetAtStartOf = (date: number) => {
    const offset = offsets.get(date) ?? read(date * day);
    offsets.set(date, offset);
    return offset;
  };
  return {
    offsetAt(time) {
      const date = Math.floor(time / day);
      const offset = offsetAtStartOf(date);
      return offset === offsetAtStartOf(date + 1) ? offset : read(time);
    },
  };
}

/** Names the hour or day that a clock shows. An hour that occurs twice has two names: the offset belongs to it. */
function nameOf(clock: Clock, unit: ClockUnit, time: number): string {
  const offset = clock.offsetAt(time);
  const local = time + offset;
  return unit === 'day' ? String(Math.floor(local / day)) : `${Math.floor(local / hour)} ${offset}`;
}

/** How long the shortest hour and the shortest day are at least. In Antarctica/Troll, clocks change by two hours. */
const shortest: Record<ClockUnit, number> = { hour: quarterHour, day: 22 * hour };

/** The date, in days since 1970, on which the week or month of a date begins, or the week or month after it. */
function firstDateOf(unit: 'week' | 'month', date: number, isNext = false): number {
  // 1 January 1970 was a Thursday.
  if (unit === 'week') return date - ((date + 3) % 7) + (isNext ? 7 : 0);
  const shown = new Date(date * day);
  return Date.UTC(shown.getUTCFullYear(), shown.getUTCMonth() + (isNext ? 1 : 0), 1) / day;
}

/** The date, in days since 1970, that the clock shows. */
const dateAt = (clock: Clock, time: number): number => Math.floor((time + clock.offsetAt(time)) / day);

/** The start of a date in Unix ms. */
function startOfDate(clock: Clock, date: number): number {
  const noon = date * day + day / 2;
  return startOf(clock, 'day', noon - clock.offsetAt(noon));
}

/** The start of the part of the calendar that contains this time, all in Unix ms. */
export function startOf(clock: Clock, unit: CalendarUnit, time: number): number {
  if (unit === 'week' || unit === 'month') return startOfDate(clock, firstDateOf(unit, dateAt(clock, time)));
  const name = nameOf(clock, unit, time);
  let start = Math.floor(time / quarterHour) * quarterHour;
  while (nameOf(clock, unit, start - quarterHour) === name) start -= quarterHour;
  return start;
}

/** The end of the part of the calendar that contains this time: the start of the next one, all in Unix ms. */
export function endOf(clock: Clock, unit: CalendarUnit, time: number): number {
  if (unit === 'week' || unit === 'month') return startOfDate(clock, firstDateOf(unit, dateAt(clock, time), true));
  return endOfClockUnit(clock, unit, startOf(clock, unit, time));
}

/** The end of an hour or day, by its start. */
function endOfClockUnit(clock: Clock, unit: ClockUnit, start: number): number {
  const name = nameOf(clock, unit, start);
  let end = start + shortest[unit];
  while (nameOf(clock, unit, end) === name) end += quarterHour;
  return end;
}

/** The starts of all hours or days that touch a period, in Unix ms: the first can be before it. */
export function startsOf(clock: Clock, unit: ClockUnit, { start, end }: { start: number; end: number }): number[] {
  const starts: number[] = [];
  for (let at = startOf(clock, unit, start); at < end; ) {
    starts.push(at);
    at = endOfClockUnit(clock, unit, at);
  }
  return starts;
}

/** A time in ISO 8601 as the clock shows it, with its offset; `Z` for UTC. */
export function isoTime(timeZone: string, clock: Clock, time: number): string {
  const offset = clock.offsetAt(time);
  const shown = new Date(time + offset).toISOString().slice(0, -1);
  if (timeZone === 'UTC') return `${shown}Z`;
  const size = new Date(Math.abs(offset)).toISOString().slice('1970-01-01T'.length, '1970-01-01T00:00'.length);
  return `${shown}${offset < 0 ? '-' : '+'}${size}`;
}
