import { describe, expect, test } from '@jest/globals';
import { addDays, addHours, addMinutes, addWeeks, getHours, getMinutes } from 'date-fns';
import { clockIn } from '../parts/time-zone.ts';
import { bucketAt, countScale, countTickValues, peakOf, timeScale, timeTickValues } from './chart-scales.ts';

const start = new Date(2026, 10, 23, 9, 31);
const times = (many: number, step: (from: Date, n: number) => Date) =>
  Array.from({ length: many }, (_, i) => step(start, i).getTime());
const local = (time: number) => ({ hours: getHours(time), minutes: getMinutes(time) });
const none = { rateLimited: 0, usageExceeded: 0, disabled: 0, expired: 0, insufficientPermissions: 0, forbidden: 0 };
const bucket = (time: number, total = 0) => ({ time, total, valid: total, ...none });

describe('the axis of time', () => {
  test('labels round minutes', () => {
    const ticks = timeTickValues(times(60, addMinutes), 'minute', 960, local);
    expect(ticks.map((tick) => getMinutes(tick))).toEqual([35, 40, 45, 50, 55, 0, 5, 10, 15, 20, 25, 30]);
  });

  test('has fewer labels on a narrow screen', () => {
    const ticks = timeTickValues(times(60, addMinutes), 'minute', 270, local);
    expect(ticks.map((tick) => getMinutes(tick))).toEqual([0, 30]);
  });

  test('labels round hours', () => {
    const ticks = timeTickValues(times(25, addHours), 'hour', 270, local);
    expect(ticks.map((tick) => getHours(tick))).toEqual([12, 0]);
  });

  test('labels the hours of the time zone of the usage, and a repeated one only if there is room', () => {
    // In Havana, clocks go from 0:59 back to 0:00 at 5:00 in UTC.
    const hours = Array.from({ length: 25 }, (_, i) => Date.parse('2026-11-01T04:00Z') + i * 3_600_000);
    const labelled = (width: number) =>
      timeTickValues(hours, 'hour', width, clockIn('America/Havana')).map(
        (time) => (time - (hours[0] ?? 0)) / 3_600_000,
      );
    expect(labelled(300)).toEqual([0, 13]);
    expect(labelled(3000).slice(0, 3)).toEqual([0, 1, 2]);
  });

  test('labels days, including today', () => {
    const days = times(31, addDays);
    expect(timeTickValues(days, 'day', 280, local)).toEqual([2, 9, 16, 23, 30].map((i) => days[i]));
    expect(timeTickValues(days.slice(0, 8), 'day', 900, local)).toEqual(days.slice(0, 8));
  });

  test('counts buckets of a length that it does not know, like days', () => {
    const weeks = times(31, addWeeks);
    expect(timeTickValues(weeks, 'week', 280, local)).toEqual([2, 9, 16, 23, 30].map((i) => weeks[i]));
  });

  test('has a bar for each bucket, with a gap that is never wider than the bar', () => {
    for (const [many, width] of [
      [180, 270],
      [8, 1000],
      [1, 300],
    ] as const) {
      const series = times(many, addMinutes).map((time) => bucket(time));
      const scale = timeScale(series, width);
      expect(scale.bandwidth()).toBeGreaterThanOrEqual(scale.step() / 2);
      expect(scale(series.at(-1)?.time ?? 0)).toBeLessThan(width);
    }
  });

  test('finds the bucket under the pointer', () => {
    const series = ['a', 'b', 'c', 'd'];
    expect([0, 99, 100, 399].map((x) => bucketAt(series, 400, x))).toEqual(['a', 'a', 'b', 'd']);
    expect([-1, 400].map((x) => bucketAt(series, 400, x))).toEqual([undefined, undefined]);
  });
});

describe('the axis of counts', () => {
  test.each([
    [0, [0, 1]],
    [1, [0, 1]],
    [3, [0, 1, 2, 3]],
    [97, [0, 20, 40, 60, 80, 100]],
    [12_345, [0, 5000, 10_000, 15_000]],
  ])('up to %d has whole, round numbers: %j', (highest, expected) => {
    expect(countTickValues(countScale([bucket(0, highest)], 200))).toEqual(expected);
  });

  test('starts at zero, and leaves room above the highest count', () => {
    const scale = countScale([bucket(0, 97), bucket(1, 3)], 200);
    expect(scale(0)).toBe(200);
    expect(scale(97)).toBeGreaterThanOrEqual(0);
  });
});

test('the peak is the first bucket with the highest count', () => {
  expect(peakOf([bucket(1, 2), bucket(2, 5), bucket(3, 5)])?.time).toBe(2);
  expect(peakOf([])).toBeUndefined();
});
