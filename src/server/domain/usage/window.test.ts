import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ValidationFailure } from '../../problem.ts';
import { bucketMs } from '../../store/usage.ts';
import { clockOf } from '../time-zone.ts';
import {
  bucketsOf,
  checkWindow,
  granularityOf,
  joined,
  piecesOf,
  storedSince,
  storedSpan,
  timesIn,
  windowBefore,
} from './window.ts';

const [minute, quarterHour, hour, day] = [60_000, 900_000, 3_600_000, 86_400_000];
const epoch = Date.parse('2026-11-01');
const starts = fc.integer({ min: 0, max: 20 * 24 * 60 }).map((minutes) => epoch + minutes * minute);
const spans = fc
  .record({ start: starts, minutes: fc.integer({ min: 1, max: 20 * 24 * 60 }) })
  .map(({ start, minutes }) => ({ start, end: start + minutes * minute }));
/** Up to two days, so that a test of minutes is fast. */
const shortSpans = spans.map(({ start, end }) => ({ start, end: Math.min(end, start + 2 * day) }));

describe('the pieces of a period', () => {
  test('are whole stored buckets that follow each other, the largest that fit', () => {
    fc.assert(
      fc.property(spans, (span) => {
        const pieces = piecesOf(span);
        expect(pieces[0]?.start).toBe(span.start);
        expect(pieces.at(-1)?.end).toBe(span.end);
        expect(pieces.slice(1).map(({ start }) => start)).toEqual(pieces.slice(0, -1).map(({ end }) => end));
        expect(pieces.every(({ start, end }) => start < end)).toBe(true);
        const [aligned, length] = [
          pieces.flatMap(({ resolution, start, end }) => [start, end].map((time) => time % bucketMs(resolution))),
          pieces.length,
        ];
        expect(new Set(aligned)).toEqual(new Set([0]));
        // Minutes and quarter hours before and after the days.
        expect(length).toBeLessThanOrEqual(5);
        const lengthOf = (resolution: string) =>
          pieces.filter((piece) => piece.resolution === resolution).map(({ start, end }) => end - start);
        expect(lengthOf('minute').every((ms) => ms < 2 * quarterHour)).toBe(true);
        expect(lengthOf('quarterHour').every((ms) => ms < 2 * day)).toBe(true);
      }),
    );
  });

  test('of days in another time zone join to one', () => {
    const parts = [1, 2, 3].map((n) => ({ start: epoch + n * day + 8 * hour, end: epoch + (n + 1) * day + 8 * hour }));
    expect(joined(parts.flatMap((part) => piecesOf(part)))).toEqual([
      { resolution: 'quarterHour', start: epoch + day + 8 * hour, end: epoch + 4 * day + 8 * hour },
    ]);
    const [one, two] = [
      piecesOf({ start: epoch, end: epoch + day }),
      piecesOf({ start: epoch + 2 * day, end: epoch + 3 * day }),
    ];
    expect(joined([...one, ...two])).toEqual([...one, ...two]);
  });

  test('have a time for each stored bucket', () => {
    expect(timesIn({ resolution: 'quarterHour', start: epoch, end: epoch + hour })).toEqual([
      epoch,
      epoch + quarterHour,
      epoch + 2 * quarterHour,
      epoch + 3 * quarterHour,
    ]);
  });
});

test.each(['UTC', 'America/Los_Angeles', 'Asia/Kathmandu', 'Australia/Lord_Howe'])(
  'the buckets of a window in %s are exactly its minutes, and each begins before its part of the window ends',
  (timeZone) => {
    fc.assert(
      fc.property(shortSpans, fc.constantFrom('minute', 'hour', 'day'), (span, granularity) => {
        const buckets = bucketsOf(span, granularity, clockOf(timeZone));
        expect([buckets[0]?.start, buckets.at(-1)?.end]).toEqual([span.start, span.end]);
        expect(buckets.slice(1).map(({ start }) => start)).toEqual(buckets.slice(0, -1).map(({ end }) => end));
        // Only the first bucket can begin before the window.
        expect(buckets.slice(1).map(({ time }) => time)).toEqual(buckets.slice(1).map(({ start }) => start));
        expect(buckets[0]?.time).toBeLessThanOrEqual(span.start);
      }),
      { numRuns: 10 },
    );
  },
);

describe('a window', () => {
  const now = epoch + 12 * hour + 30_500;
  const utc = clockOf('UTC');
  const oldest = epoch - 30 * day;

  /** What is wrong with a window. */
  function failuresOf(start: number, end: number): string[] {
    try {
      checkWindow({ start, end }, utc, now, 30);
      return [];
    } catch (problem) {
      const { failures } = problem as { failures: ValidationFailure[] };
      return failures.map(({ location, message }) => `${location} ${message}`);
    }
  }
  const early = expect.stringMatching(/^body\.startTime .* 30 days ago/);
  const backwards = 'body.endTime must be after startTime';
  const ahead = 'body.endTime must be no more than 26 hours ahead';
  test.each([
    ['starts with the day in which the retention begins', oldest, now, []],
    ['starts a millisecond before it', oldest - 1, now, [early]],
    ['is a millisecond long', now - 1, now, []],
    ['ends where it starts', now, now, [backwards]],
    ['ends before it starts', now, now - 1, [backwards]],
    ['ends 26 hours ahead', now, now + 26 * hour, []],
    ['ends later', now, now + 26 * hour + 1, [ahead]],
    ['has no right bound', oldest - 1, oldest - 1, [early, backwards]],
  ])('that %s has a failure for each bound that is wrong', (_, start, end, failures) => {
    expect(failuresOf(start, end)).toEqual(failures);
  });

  test.each([
    ['UTC', epoch - 30 * day],
    ['Asia/Kathmandu', epoch - 30 * day - (5 * hour + 45 * minute)],
  ])('can start with a whole day of %s', (timeZone, expected) => {
    expect(storedSince(clockOf(timeZone), now, 30)).toBe(expected);
  });

  test.each([
    ['three hours', 3 * hour, 0, 'minute'],
    ['longer than three hours', 3 * hour + 1, 0, 'hour'],
    ['as old as minutes can be', hour, 2 * day - hour, 'minute'],
    ['older', hour, 2 * day - hour + 1, 'hour'],
    ['eight days', 8 * day, 0, 'hour'],
    ['longer than eight days', 8 * day + 1, 0, 'day'],
  ])('of %s has the finest parts that are stored', (_, length, ago, granularity) => {
    expect(granularityOf({ start: now - ago - length, end: now - ago }, now)).toBe(granularity);
  });

  test('is rounded to whole minutes, and to quarter hours where there are no minutes any more', () => {
    const ends = now - 2 * day;
    expect(storedSpan({ start: now - 1, end: now + 1 }, now)).toEqual({
      start: now - 30_500,
      end: now + 29_500,
    });
    // Now is 30.5 seconds after a quarter hour: only there the two lengths round to different times.
    const later = now + 7 * minute;
    expect(storedSpan({ start: later - 2 * day, end: later }, later)).toEqual({
      start: ends + 7 * minute - 30_500,
      end: later + 29_500,
    });
    expect(storedSpan({ start: later - 2 * day - 1, end: later - 2 * day - 1 }, later)).toEqual({
      start: ends - 30_500,
      end: ends - 30_500 + quarterHour,
    });
  });

  test('is compared with the time of the same length before it, if that is stored', () => {
    const start = oldest + 2 * day;
    const compared = (length: number) => windowBefore({ start, end: start + length }, utc, now, 30);
    expect(compared(2 * day)).toEqual({ start: oldest, end: start });
    expect(compared(2 * day + minute)).toBeUndefined();
    // It begins with a quarter hour.
    expect(compared(day + minute)).toEqual({ start: oldest + day - quarterHour, end: start });
  });

  test('in minutes has one part for each of them', () => {
    const window = { start: now - 30_500, end: now - 30_500 + 2 * minute };
    expect(bucketsOf(window, 'minute', utc)).toEqual(
      [0, 1].map((i) => ({
        time: window.start + i * minute,
        start: window.start + i * minute,
        end: window.start + (i + 1) * minute,
      })),
    );
    expect(bucketsOf({ start: now - 30_500 - hour, end: window.end }, 'hour', utc).map(({ time }) => time)).toEqual([
      epoch + 11 * hour,
      epoch + 12 * hour,
    ]);
  });
});
