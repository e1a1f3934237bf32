import { describe, expect, test } from '@jest/globals';
import { checkDays, fileNameOf, presets, queryOf, readQuery, windowOf } from './time-window.ts';

const now = new Date(2026, 10, 24, 10, 30, 15);
const at = (...parts: [number, number, number, number?]) => new Date(...parts).getTime();

describe('a window', () => {
  test.each([
    ['1h', at(2026, 10, 24, 9), 31],
    ['24h', at(2026, 10, 23, 10), 31],
    // Whole days, today included.
    ['7d', at(2026, 10, 18), 0],
    ['30d', at(2026, 9, 26), 0],
  ] as const)('of a preset ends now: %s', (preset, start, minutes) => {
    const { startTime, endTime } = windowOf({ preset }, now);
    expect(endTime).toBe(now.getTime());
    expect(Math.floor((startTime - start) / 60_000)).toBe(minutes);
  });

  test('exists for each preset', () => {
    expect(presets.map((preset) => windowOf({ preset }, now).startTime).every((start) => start < now.getTime())).toBe(
      true,
    );
  });

  test('of days starts at midnight, and ends at midnight after the last day', () => {
    expect(windowOf({ from: '2026-11-02', to: '2026-11-03' }, now)).toEqual({
      startTime: at(2026, 10, 2),
      endTime: at(2026, 10, 4),
    });
  });

  test('of days that include today ends now', () => {
    expect(windowOf({ from: '2026-11-24', to: '2026-11-24' }, now)).toEqual({
      startTime: at(2026, 10, 24),
      endTime: now.getTime(),
    });
  });
});

describe('days', () => {
  test.each([
    ['2026-11-01', '2026-11-01', {}],
    ['2026-11-01', '2026-11-24', {}],
    ['2026-11-02', '2026-11-01', { to: 'endBeforeStart' }],
    ['', '2026-11-01', { from: 'dayMissing' }],
    ['2026-11-01', '', { to: 'dayMissing' }],
    ['', '', { from: 'dayMissing', to: 'dayMissing' }],
    ['2026-11-01', '2026-11-25', { to: 'dayInFuture' }],
    ['2026-11-25', '2026-11-26', { from: 'dayInFuture', to: 'dayInFuture' }],
    // A year with too many digits is not a valid day.
    ['2026-11-01', '202611-11-01', { to: 'dayMissing' }],
  ])('from %j to %j: %j', (from, to, expected) => {
    expect(checkDays(from, to, now)).toEqual(expected);
  });
});

test('a file name has the first and last day, and the time for a window of an hour', () => {
  const days = { from: '2026-11-02', to: '2026-11-03' };
  expect(fileNameOf(days, windowOf(days, now))).toBe('usage-2026-11-02-2026-11-03.csv');
  expect(fileNameOf({ preset: '7d' }, windowOf({ preset: '7d' }, now))).toBe('usage-2026-11-18-2026-11-24.csv');
  expect(fileNameOf({ preset: '1h' }, windowOf({ preset: '1h' }, now))).toBe(
    'usage-2026-11-24T0931-2026-11-24T1030.csv',
  );
  const part = { startTime: at(2026, 10, 24, 9), endTime: at(2026, 10, 24, 10) };
  expect(fileNameOf('part', part)).toBe('usage-2026-11-24T0900-2026-11-24T1000.csv');
});

describe('the address of the page', () => {
  const zoom = { startTime: 1_796_000_000_000, endTime: 1_796_003_600_000 };
  test.each([
    ['', { preset: '24h' }, undefined, undefined],
    ['?range=7d', { preset: '7d' }, undefined, undefined],
    ['?range=7d&key=key_1', { preset: '7d' }, undefined, 'key_1'],
    ['?from=2026-11-02&to=2026-11-03', { from: '2026-11-02', to: '2026-11-03' }, undefined, undefined],
    ['?range=30d&key=key_1&start=1796000000000&end=1796003600000', { preset: '30d' }, zoom, 'key_1'],
    ['?start=1796000000000&end=1796003600000', { preset: '24h' }, zoom, undefined],
  ] as const)('%j is read and written', (query, range, part, keyId) => {
    expect(readQuery(new URLSearchParams(query), now)).toEqual({ range, zoom: part, keyId });
    expect(queryOf(range, part, keyId)).toBe(query);
  });

  test.each([
    '?range=2y',
    '?range=constructor',
    '?from=2026-11-02',
    '?from=2026-11-03&to=2026-11-02',
    '?from=2026-11-02&to=2027-11-02',
    '?from=x&to=y',
    '?key=',
    '?start=2&end=1',
    '?start=1',
    '?start=1e400&end=1e401',
    '?start=1.5&end=2.5',
    '?start=-5&end=x',
  ])('%j is what is usual', (query) => {
    expect(readQuery(new URLSearchParams(query), now)).toEqual({
      ...{ range: { preset: '24h' }, zoom: undefined, keyId: undefined },
    });
  });
});
