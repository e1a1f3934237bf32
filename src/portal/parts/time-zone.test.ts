import { afterEach, expect, jest, test } from '@jest/globals';
import { clockIn, userTimeZone } from './time-zone.ts';

const options = new Intl.DateTimeFormat().resolvedOptions();
afterEach(() => {
  jest.restoreAllMocks();
});

test.each([
  ['America/Los_Angeles', 'America/Los_Angeles'],
  ['Asia/Calcutta', 'Asia/Calcutta'],
  ['UTC', 'UTC'],
  ['Etc/Unknown', 'UTC'],
  ['Mars/Olympus', 'UTC'],
  ['', 'UTC'],
])('a browser in %j uses %s', (timeZone, expected) => {
  jest.spyOn(Intl.DateTimeFormat.prototype, 'resolvedOptions').mockReturnValue({ ...options, timeZone });
  expect(userTimeZone()).toBe(expected);
});

test.each([
  ['UTC', { hours: 0, minutes: 5 }],
  ['Asia/Kathmandu', { hours: 5, minutes: 50 }],
  ['America/Los_Angeles', { hours: 16, minutes: 5 }],
])('a clock in %s shows the time there', (timeZone, expected) => {
  expect(clockIn(timeZone)(Date.parse('2026-11-24T00:05Z'))).toEqual(expected);
});
