import { describe, expect, test } from '@jest/globals';
import { addDays, addHours, addMinutes, addWeeks, getHours, getMinutes } from 'date-fns';
import { clockIn } from '../parts/time-zone.ts';
import { barsOf, countTicks, inColumns, peakOf, positionAt, timeTicks } from './chart-scales.ts';

const start = new Date(2026, 10, 23, 9, 31);
const times = (many: number, step: (from: Date, n: number) => Date) =>
  Array.from({ length: many }, (_, i) => step(start, i).getTime());
const local = (time: number) => ({ hours: getHours(time), minutes: getMinutes(time) });
const none = { rateLimited: 0, usageExceeded: 0, disabled: 0, expired: 0, insufficientPermissions: 0, forbidden: 0 };
const bucket = (time: number, total = 0) => ({ time, total, valid: total, ...none });

describe('the axis of time', () => {
  /** The times with a label. */
  const labelled = (all: number[], ...rest: [granularity: string, width: number, clock?: typeof local]) =>
    timeTicks(all, rest[0], rest[1], rest[2] ?? local).map((position) => all[position] ?? 0);

  test('labels round minutes', () => {
    const ticks = labelled(times(60, addMinutes), 'minute', 960);
    expect(ticks.map((tick) => getMinutes(tick))).toEqual([35, 40, 45, 50, 55, 0, 5, 10, 15, 20, 25, 30]);
  });

  test('has fewer labels on a narrow screen', () => {
    const ticks = labelled(times(60, addMinutes), 'minute', 270);
    expect(ticks.map((tick) => getMinutes(tick))).toEqual([0, 30]);
  });

  test('labels round hours', () => {
    const ticks = labelled(times(25, addHours), 'hour', 270);
    expect(ticks.map((tick) => getHours(tick))).toEqual([12, 0]);
  });

  test('labels the hours of the time zone of the usage, and a repeated one only if there is room', () => {
    // In Havana, clocks go from 0:59 back to 0:00 at 5:00 in UTC.
    const hours = Array.from({ length: 25 }, (_, i) => Date.parse('2026-11-01T04:00Z') + i * 3_600_000);
    const ticks = (width: number) => timeTicks(hours, 'hour', width, clockIn('America/Havana'));
    expect(ticks(300)).toEqual([0, 13]);
    expect(ticks(3000).slice(0, 3)).toEqual([0, 1, 2]);
  });

  test('labels days, including today', () => {
    const days = times(31, addDays);
    expect(timeTicks(days, 'day', 280, local)).toEqual([2, 9, 16, 23, 30]);
    expect(labelled(days.slice(0, 8), 'day', 900)).toEqual(days.slice(0, 8));
  });

  test('counts buckets of a length that it does not know, like days', () => {
    expect(timeTicks(times(31, addWeeks), 'week', 280, local)).toEqual([2, 9, 16, 23, 30]);
  });

  test('has a bar for each bucket, with a gap that is never wider than the bar', () => {
    for (const [many, width] of [
      [180, 270],
      [8, 1000],
      [1, 300],
    ] as const) {
      const { step, bar, leftOf } = barsOf(many, width);
      expect(bar).toBeGreaterThanOrEqual(Math.min(step / 2, 48));
      expect(step - bar).toBeGreaterThanOrEqual(Math.min(1, step / 2));
      expect(leftOf(many - 1) + bar).toBeLessThanOrEqual(width);
      expect(leftOf(0)).toBeGreaterThanOrEqual(0);
    }
  });

  test('finds the bucket under the pointer, and the nearest one beside the axis', () => {
    expect([0, 99, 100, 399, -1, 400].map((x) => positionAt(4, 400, x))).toEqual([0, 0, 1, 3, 0, 3]);
  });
});

describe('the axis of counts', () => {
  test.each([
    [0, [0, 1]],
    [1, [0, 1]],
    [3, [0, 1, 2, 3]],
    [97, [0, 20, 40, 60, 80, 100]],
    [100, [0, 20, 40, 60, 80, 100]],
    [101, [0, 50, 100, 150]],
    [3912, [0, 1000, 2000, 3000, 4000]],
    [12_345, [0, 5000, 10_000, 15_000]],
  ])('up to %d has whole, round numbers: %j', (highest, expected) => {
    expect(countTicks(highest)).toEqual(expected);
  });

  test.each(Array.from({ length: 15 }, (_, i) => [7 ** i]))(
    'ends at or above %d, with at most six lines',
    (highest) => {
      const ticks = countTicks(highest);
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(highest);
      expect(ticks.length).toBeLessThanOrEqual(6);
      expect(ticks.every((tick) => Number.isInteger(tick))).toBe(true);
    },
  );
});

test('counts in columns are sums of neighbours, and lose nothing', () => {
  expect(inColumns([1, 2, 3], 3)).toEqual([1, 2, 3]);
  expect(inColumns([1, 2, 3, 4, 5], 3)).toEqual([3, 7, 5]);
  expect(inColumns([], 3)).toEqual([]);
});

test('the peak is the first bucket with the highest count', () => {
  expect(peakOf([bucket(1, 2), bucket(2, 5), bucket(3, 5)])?.time).toBe(2);
  expect(peakOf([])).toBeUndefined();
});
