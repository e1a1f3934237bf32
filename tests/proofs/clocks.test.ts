/** The short form of `npm run prove -- clocks`, and the faults that it must find. */
import { expect, test } from '@jest/globals';
import { runClocks } from '../../scripts/proofs/clocks/run.ts';

const [minute, day] = [60_000, 86_400_000];

test('sessions, limits, quotas, lists and control data survive a clock that jumps by minutes and days', async () => {
  const report = await runClocks([-10 * minute, 40 * day, -60 * day]);
  expect(report.faults).toEqual([]);
  expect(report).toMatchObject({ jumps: 3, sessions: 18, limits: 45 });
  expect(report.longestExcessMs).toBeLessThan(0);
});

/** Changes a part of the scripts, which must exist. */
const planted = (from: string, to: string) => {
  let found = false;
  return {
    change(lua: string) {
      found ||= lua.includes(from);
      return lua.replace(from, to);
    },
    isPlanted: () => found,
  };
};

test.each([
  [
    'a limiter that never bounds the end of its window',
    [-2 * day],
    planted('if left <= seconds * 1000 then return left end', 'do return left end'),
    /^exchanges of an address is closed for longer than its window/,
  ],
  [
    'a limiter that refuses a call too early',
    [-2 * day],
    planted("redis.call('SET', key, 0, 'EX', seconds, 'NX')", "redis.call('SET', key, 1, 'EX', seconds, 'NX')"),
    /^exchanges of an address refuses after 4 of 5 calls one window after a jump/,
  ],
  [
    'a rate limit of keys that refuses a call too early',
    [-2 * day],
    planted('if used + need > allowed then', 'if used + need >= allowed then'),
    /^the rate limit of a key refuses after 2 of 3 calls one window after a jump/,
  ],
  [
    'lists that lose a session by its time alone',
    [-2 * day],
    planted("if #dead > 0 and redis.call('EXISTS', unpack(names)) > 0 then", 'if false then'),
    /is valid, and not in the lists of its portal and its user/,
  ],
  [
    'quotas that end hours only once',
    [40 * day, -60 * day],
    planted('if first > hour then', 'if first > hour then do return total, first end'),
    /^the quotas still have \d+ bytes of records that have ended after/,
  ],
])('planted: %s', async (_, jumps, { change, isPlanted }, fault) => {
  const { faults } = await runClocks(jumps, change);
  expect(isPlanted()).toBe(true);
  expect(faults).toContainEqual(expect.stringMatching(fault));
});
