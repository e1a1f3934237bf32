import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { clockOf, endOf, isoTime, startOf, startsOf } from './time-zone.ts';

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
const at = (text: string) => Date.parse(text);
/** The lengths of the hours or days that touch a period, in minutes. */
const lengths = (timeZone: string, unit: 'hour' | 'day', from: string, to: string) => {
  const starts = startsOf(clockOf(timeZone), unit, { start: at(from), end: at(to) + 1 });
  return starts.slice(1).map((start, i) => (start - (starts[i] ?? 0)) / minute);
};

test.each(['Etc/Unknown', 'Mars/Olympus', '', 'Europe/Berlin ', 'GMT+5'])('%j is not a time zone', (name) => {
  expect(() => clockOf(name)).toThrow(RangeError);
});

describe('a day', () => {
  test.each([
    ['America/Los_Angeles, in spring', 'America/Los_Angeles', '2026-03-07T08:00Z', '2026-03-10T07:00Z', [24, 23, 24]],
    ['America/Los_Angeles, in autumn', 'America/Los_Angeles', '2026-10-31T07:00Z', '2026-11-03T08:00Z', [24, 25, 24]],
    ['Australia/Lord_Howe, in spring', 'Australia/Lord_Howe', '2026-10-02T13:30Z', '2026-10-05T13:00Z', [24, 23.5, 24]],
    ['Australia/Lord_Howe, in autumn', 'Australia/Lord_Howe', '2026-04-03T13:00Z', '2026-04-06T13:30Z', [24, 24.5, 24]],
    // There is no midnight: the clock goes from 23:59 to 1:00.
    ['Atlantic/Azores, in spring', 'Atlantic/Azores', '2026-03-28T01:00Z', '2026-03-31T00:00Z', [24, 23, 24]],
    // There are two midnights: the clock goes from 0:59 back to 0:00.
    ['America/Havana, in autumn', 'America/Havana', '2026-10-31T04:00Z', '2026-11-03T05:00Z', [24, 25, 24]],
    ['America/Nuuk, in spring', 'America/Nuuk', '2026-03-27T02:00Z', '2026-03-30T01:00Z', [24, 23, 24]],
    ['Antarctica/Troll, in autumn', 'Antarctica/Troll', '2026-10-23T22:00Z', '2026-10-27T00:00Z', [24, 26, 24]],
    ['Asia/Kathmandu', 'Asia/Kathmandu', '2026-11-20T18:15Z', '2026-11-22T18:15Z', [24, 24]],
  ])('has its length by the clock: %s', (_, timeZone, from, to, hours) => {
    expect(lengths(timeZone, 'day', from, to)).toEqual(hours.map((length) => length * 60));
  });
});

describe('an hour', () => {
  test.each([
    ['occurs twice in autumn', 'Europe/Berlin', '2026-10-24T23:00Z', '2026-10-25T03:00Z', [60, 60, 60, 60]],
    ['is missing in spring', 'Europe/Berlin', '2026-03-28T23:00Z', '2026-03-29T03:00Z', [60, 60, 60, 60]],
    [
      'is half as long where clocks go forward by 30 minutes',
      'Australia/Lord_Howe',
      '2026-10-03T14:30Z',
      '2026-10-03T17:00Z',
      [60, 30, 60],
    ],
    [
      'is followed by a half where clocks go back by 30 minutes',
      'Australia/Lord_Howe',
      '2026-04-04T14:00Z',
      '2026-04-04T16:30Z',
      [60, 30, 60],
    ],
    ['begins at half past in UTC', 'Asia/Kolkata', '2026-11-24T18:30Z', '2026-11-24T20:30Z', [60, 60]],
    ['begins at a quarter past in UTC', 'Asia/Kathmandu', '2026-11-24T18:15Z', '2026-11-24T20:15Z', [60, 60]],
  ])('%s', (_, timeZone, from, to, minutes) => {
    expect(lengths(timeZone, 'hour', from, to)).toEqual(minutes);
  });
});

/** The date and hour that clocks show, by another formatter than the code uses. */
const shownIn = (timeZone: string) => {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return (time: number) => format.format(time);
};
const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'), 'UTC', 'Asia/Kolkata', 'Etc/GMT+12');
const periods = fc
  .record({
    start: fc.integer({ min: at('2026-01-01'), max: at('2028-01-01') }),
    days: fc.integer({ min: 1, max: 12 }),
  })
  .map(({ start, days }) => ({ start, end: start + days * day }));

test('days begin when the date changes, in every time zone', () => {
  fc.assert(
    fc.property(zones, periods, (timeZone, period) => {
      const shown = shownIn(timeZone);
      const dateOf = (time: number) => shown(time).slice(0, 10);
      const starts = startsOf(clockOf(timeZone), 'day', period);
      expect(starts[0]).toBeLessThanOrEqual(period.start);
      expect(dateOf(starts[0] ?? 0)).toBe(dateOf(period.start));
      expect(dateOf(starts.at(-1) ?? 0)).toBe(dateOf(period.end - 1));
      const dates = starts.map(dateOf);
      expect(new Set(dates).size).toBe(dates.length);
      // The millisecond before is the day before.
      expect(starts.slice(1).map((start) => dateOf(start - 1))).toEqual(dates.slice(0, -1));
      expect(starts.map((start) => startOf(clockOf(timeZone), 'day', start))).toEqual(starts);
    }),
    { numRuns: 40 },
  );
});

test('hours begin when the hour changes or clocks do, and are never longer than an hour', () => {
  fc.assert(
    fc.property(zones, periods, (timeZone, { start, end }) => {
      const shown = shownIn(timeZone);
      const starts = startsOf(clockOf(timeZone), 'hour', { start, end: Math.min(end, start + 2 * day) });
      const steps = starts.slice(1).map((next, i) => next - (starts[i] ?? 0));
      expect(steps.every((step) => step > 0 && step <= hour)).toBe(true);
      // Such as 2026-11-24 23:00:00, unless clocks change within an hour.
      const round = starts.filter((time) => shown(time).endsWith(':00:00'));
      expect(starts.length - round.length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 40 },
  );
});

test.each([
  ['UTC', '2026-11-24T00:00:00.000Z'],
  ['Europe/London', '2026-11-24T00:00:00.000+00:00'],
  ['America/Los_Angeles', '2026-11-23T16:00:00.000-08:00'],
  ['America/St_Johns', '2026-11-23T20:30:00.000-03:30'],
  ['Asia/Kathmandu', '2026-11-24T05:45:00.000+05:45'],
])('a time in %s is written with its offset: %s', (timeZone, text) => {
  expect(isoTime(timeZone, clockOf(timeZone), at('2026-11-24T00:00Z'))).toBe(text);
});

describe('weeks and months', () => {
  test.each<[unit: 'week' | 'month', zone: string, at: string, start: string, end: string]>([
    // A week begins on Monday: Sunday is its last day.
    ['week', 'UTC', '2026-11-22T23:59:59Z', '2026-11-16T00:00:00Z', '2026-11-23T00:00:00Z'],
    ['week', 'UTC', '2026-11-23T00:00:00Z', '2026-11-23T00:00:00Z', '2026-11-30T00:00:00Z'],
    // Clocks go back on Sunday, so this week has 169 hours.
    ['week', 'Europe/Berlin', '2026-10-25T12:00:00Z', '2026-10-18T22:00:00Z', '2026-10-25T23:00:00Z'],
    ['week', 'Asia/Kathmandu', '2026-01-04T18:15:00Z', '2026-01-04T18:15:00Z', '2026-01-11T18:15:00Z'],
    ['month', 'UTC', '2028-02-29T23:00:00Z', '2028-02-01T00:00:00Z', '2028-03-01T00:00:00Z'],
    ['month', 'UTC', '2026-12-31T23:00:00Z', '2026-12-01T00:00:00Z', '2027-01-01T00:00:00Z'],
    ['month', 'Europe/Berlin', '2026-03-31T21:59:59Z', '2026-02-28T23:00:00Z', '2026-03-31T22:00:00Z'],
    ['month', 'America/New_York', '2026-11-01T04:00:00Z', '2026-11-01T04:00:00Z', '2026-12-01T05:00:00Z'],
    ['month', 'Pacific/Kiritimati', '2026-01-31T10:00:00Z', '2026-01-31T10:00:00Z', '2026-02-28T10:00:00Z'],
  ])('the %s in %s at %s', (unit, zone, at, start, end) => {
    const clock = clockOf(zone);
    const time = Date.parse(at);
    expect([startOf(clock, unit, time), endOf(clock, unit, time)]).toEqual([Date.parse(start), Date.parse(end)]);
  });
});
