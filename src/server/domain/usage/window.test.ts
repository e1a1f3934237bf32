import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bucketMs } from '../../store/usage.ts';
import { clockOf } from '../time-zone.ts';
import { bucketsOf, joined, piecesOf, timesIn } from './window.ts';

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
