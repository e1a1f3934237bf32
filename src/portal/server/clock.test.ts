import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';

const [second, day] = [1000, 86_400_000];
/** When the server is asked, by its own clock. */
const noon = Date.parse('2026-11-24T12:00:00Z');

let clock: typeof import('./clock.ts');
beforeEach(async () => {
  jest.resetModules();
  clock = await import('./clock.ts');
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** A call while the device's clock is ahead by so much. The response takes a second. Returns the header. */
function call(aheadMs: number, at = noon): string {
  const date = new Date(at).toUTCString();
  clock.learnTime(date, at + aheadMs - 500, at + aheadMs + 500);
  return date;
}
/** What the portal takes for the time when the server's clock is at noon, less that time, in ms. */
function errorAt(aheadMs: number): number {
  jest.spyOn(Date, 'now').mockReturnValue(noon + aheadMs);
  return clock.now() - noon;
}

test('the time is the device’s before the first response, and if its clock is right', () => {
  expect(errorAt(2 * day)).toBe(2 * day);
  call(0);
  expect(errorAt(0)).toBe(0);
});

test.each([
  ['2 days ahead', 2 * day],
  ['8 days ahead', 8 * day],
  ['10 days behind', -10 * day],
  ['a minute behind', -60 * second],
])('the time is the server’s if the device is %s', (_, aheadMs) => {
  call(aheadMs);
  expect(Math.abs(errorAt(aheadMs))).toBeLessThanOrEqual(second);
});

test('a slow response does not make it less exact', () => {
  const slow = () => clock.learnTime(new Date(noon).toUTCString(), noon + day - 19_000, noon + day + 100);
  slow();
  expect(Math.abs(errorAt(day))).toBeGreaterThan(second);
  call(day);
  slow();
  expect(Math.abs(errorAt(day))).toBeLessThanOrEqual(second);
});

test('it follows a device whose clock is set during the visit', () => {
  call(2 * day);
  call(0);
  expect(errorAt(0)).toBe(0);
});

test.each([null, '', 'yesterday'])('a response with the date %j changes nothing', (date) => {
  call(day);
  const before = errorAt(day);
  clock.learnTime(date, 0, 1);
  expect(errorAt(day)).toBe(before);
});

test('each call learns it', async () => {
  jest
    .spyOn(globalThis, 'fetch')
    .mockResolvedValue(new Response('', { headers: { Date: new Date(noon).toUTCString() } }));
  jest.spyOn(Date, 'now').mockReturnValue(noon + day);
  await clock.fetchAndLearnTime('https://portal.example/');
  expect(Math.abs(clock.now() - noon)).toBeLessThanOrEqual(second);
});
