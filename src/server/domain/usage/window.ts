/** The window of a request for usage: its bounds, the buckets of its series, and the stored buckets that they consist of. */
import type { Known } from '../../../../generated/known-values.ts';
import { invalidInput, type ValidationFailure } from '../../problem.ts';
import { bucketMs, longestDayMs, minutesStoredMs, type Resolution } from '../../store/usage.ts';
import { type Clock, clockOf, startOf, startsOf } from '../time-zone.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** A period in Unix ms: includes its start, excludes its end. */
export interface Span {
  start: number;
  end: number;
}

/** A bucket of a series: `time` is when it begins by the clock, the rest is its part in the window. */
export interface Bucket extends Span {
  time: number;
}

/** A period that consists of whole stored buckets of one length. */
export interface Piece extends Span {
  resolution: Resolution;
}

/** @throws Problem invalid_input */
export function clockOfRequest(timeZone: string): Clock {
  try {
    return clockOf(timeZone);
  } catch {
    throw invalidInput({
      location: 'body.timeZone',
      message: 'must be the name of an existing time zone',
      fix: 'Send a name of the IANA time zone database, such as Europe/Berlin, or leave it out for UTC.',
    });
  }
}

/** The first moment whose usage a window can have: a whole day, so that the user of a calendar can choose any day that the retention touches. */
export const storedSince = (clock: Clock, now: number, retentionDays: number): number =>
  startOf(clock, 'day', now - retentionDays * day);

/** @throws Problem invalid_input with all failures at once */
export function checkWindow({ start, end }: Span, clock: Clock, now: number, retentionDays: number): void {
  const failures: ValidationFailure[] = [];
  if (start < storedSince(clock, now, retentionDays)) {
    const message = `must not be before the day that is ${retentionDays} days ago: older usage is not stored`;
    failures.push({ location: 'body.startTime', message, fix: 'Ask for a later window.' });
  }
  if (end <= start || end > now + longestDayMs) {
    const message = end <= start ? 'must be after startTime' : 'must be no more than 26 hours ahead';
    failures.push({ location: 'body.endTime', message, fix: 'Send the end of the window, in Unix ms.' });
  }
  if (failures.length > 0) throw invalidInput(...failures);
}

/** The finest granularity that the length of the window allows, and that is still stored at its start. */
export function granularityOf({ start, end }: Span, now: number): Known<'Granularity'> {
  if (end - start <= 3 * hour && start >= now - minutesStoredMs) return 'minute';
  // A week of a time zone can be longer than seven days.
  return end - start <= 8 * day ? 'hour' : 'day';
}

/** The window in whole stored buckets: each end is rounded to a minute if that is still stored, or to a quarter hour. */
export function storedSpan({ start, end }: Span, now: number): Span {
  const stepAt = (time: number) => bucketMs(time >= now - minutesStoredMs ? 'minute' : 'quarterHour');
  const [first, last] = [stepAt(start), stepAt(end)];
  return { start: Math.floor(start / first) * first, end: Math.ceil(end / last) * last };
}

/**
 * The window of the same length before a window of whole stored buckets, in whole stored buckets as well; undefined if it begins before
 * usage is stored.
 */
export function windowBefore({ start, end }: Span, clock: Clock, now: number, retentionDays: number): Span | undefined {
  const before = { start: start - (end - start), end: start };
  return before.start < storedSince(clock, now, retentionDays) ? undefined : { ...storedSpan(before, now), end: start };
}

/** The buckets of a window, in order and without gaps. */
export function bucketsOf(window: Span, granularity: Known<'Granularity'>, clock: Clock): Bucket[] {
  const minutes = () =>
    Array.from({ length: (window.end - window.start) / minute }, (_, i) => window.start + i * minute);
  const times = granularity === 'minute' ? minutes() : startsOf(clock, granularity, window);
  return times.map((time, i) => ({
    time,
    start: Math.max(time, window.start),
    end: Math.min(times[i + 1] ?? window.end, window.end),
  }));
}

/**
 * Splits a period into the fewest stored buckets: whole UTC days in the middle, quarter hours beside them, minutes at the
 * ends. Both ends are whole minutes.
 */
export function piecesOf(
  { start, end }: Span,
  [resolution = 'minute', ...finer]: Resolution[] = ['day', 'quarterHour', 'minute'],
): Piece[] {
  if (start >= end) return [];
  const length = bucketMs(resolution);
  const inner = { start: Math.ceil(start / length) * length, end: Math.floor(end / length) * length };
  if (resolution === 'minute') return [{ resolution, ...inner }];
  if (inner.start >= inner.end) return piecesOf({ start, end }, finer);
  return [
    ...piecesOf({ start, end: inner.start }, finer),
    { resolution, ...inner },
    ...piecesOf({ start: inner.end, end }, finer),
  ];
}

/** Joins pieces that follow each other directly and have the same resolution, so that each stored record is read once. */
export function joined(pieces: readonly Piece[]): Piece[] {
  const all: Piece[] = [];
  for (const piece of pieces) {
    const last = all.at(-1);
    if (last?.resolution === piece.resolution && last.end === piece.start) last.end = piece.end;
    else all.push({ ...piece });
  }
  return all;
}

/** Every time at which a stored bucket of a piece begins. */
export const timesIn = ({ start, end, resolution }: Piece): number[] => {
  const length = bucketMs(resolution);
  return Array.from({ length: (end - start) / length }, (_, i) => start + i * length);
};
